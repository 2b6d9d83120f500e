"""What lateness costs: the rule and the extensions of a class (rule.py), and how they are read (files.py)."""
