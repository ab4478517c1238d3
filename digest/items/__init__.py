"""What the newsroom says.

items/*.yaml ─▶ loading ─▶ Item ─▶ visibility(item, at): the one rule of what the public may see
                   └─ checks: all problems of all files at once
"""
