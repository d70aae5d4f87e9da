"""Cover (参保): who is covered for which year, and at what premium.

`premiums` is pure; `enrolling` is the window, `late` and `students` are the ways beside it,
`covering` answers the rooms above; `certificates` are the papers that show cover.
"""
