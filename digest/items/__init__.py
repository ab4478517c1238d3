"""What the newsroom says.

items/*.yaml ─▶ loading ─▶ Item ─▶ visibility(item, at): the one rule of what the public may see
                   ├─ preview: the items as that rule has to be given them to show drafts and embargoes
                   ├─ checks: all problems of all files at once
                   └─ catalogue: what was read, kept, so that a build reads only what changed
"""
