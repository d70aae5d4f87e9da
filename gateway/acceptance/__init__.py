"""The acceptance list of an institution (验收清单): what its programs have done of it, by test."""
