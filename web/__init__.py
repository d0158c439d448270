"""Pages for people: the report that stands alone, and the summary that every face groups by."""
