"""The national hospital interface (定点医药机构接口) as data, and what is checked by it. Pure."""
