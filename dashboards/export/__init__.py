"""What people take away: charts, data, briefings, commands, citation."""
