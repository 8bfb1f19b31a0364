"""Each table's SQL, one file a table; `application` joins their parts into statements."""
