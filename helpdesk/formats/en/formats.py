"""How dates are written where no template says it: as ISO 8601 has it, which sorts and misleads nobody."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
