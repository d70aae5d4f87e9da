"""Grades of trust (信用等级) of institutions and practitioners, by which they are supervised.

监督管理条例 第三十三条: 根据信用评价等级分级分类监督管理. No norm gives the bands: they are the
county's own, as data.
"""
