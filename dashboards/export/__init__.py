"""Files for people to keep: charts, data, briefings; and the commands and the citation that go with them."""
