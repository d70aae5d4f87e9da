"""飞检数据提取: settlements of a span of days in the five tables that inspections ask for."""
