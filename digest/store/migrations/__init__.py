"""How a database comes to have the tables. Only ever add to the end: what was released is never edited."""
