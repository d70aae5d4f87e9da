"""Report analysis (报表分析): one measure by one dimension over some months, beside another."""
