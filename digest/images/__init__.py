"""Image files as the newsroom receives them, and as it publishes them.

original ─▶ sizes: what is to be made of it ─▶ original, making: its bytes ─▶ cache ─▶ variants: how pages name them
a logo, an icon ─▶ emblems: found in the newsroom ─▶ drawing: its sizes and grounds ─▶ cache
"""
