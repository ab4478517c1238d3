"""What a message is.

composition ─▶ rendering (Jinja2, shortened until it fits, CSS inlined) ─▶ HTML with cuts, plain text
            ─▶ segments ─▶ quoted-printable, headers ─▶ prepared once ─▶ spliced for each recipient
"""
