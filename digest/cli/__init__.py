"""The commands: one short module a group; each calls an action and prints what came of it."""
