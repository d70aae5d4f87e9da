"""What a draft of the measures would have made of a year's real claims (政策试算).

``loading`` fetches the year as columns, ``columns`` writes them in a pack's codes, ``compare`` sets
the outcome against what was settled, ``run`` does all of it, ``services`` keeps it as a job.
"""
