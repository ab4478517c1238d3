"""One module a step, numbered; `tables.REVISION` names the newest."""
