"""整县导出 and 整县导入: everything that is the county's, in open formats, out and in again."""
