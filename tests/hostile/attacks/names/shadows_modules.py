# mypy: ignore-errors
# form: folder
# result: graded
"""Brings files of names that Python, pytest or the grader might load by themselves."""


@attempt
def looked_at():
    import json

    import numpy

    print(numpy.__name__, json.__name__)
# ===== file: conftest.py
raise SystemExit("ATTACK BROKEN conftest")
# ===== file: sitecustomize.py
raise SystemExit("ATTACK BROKEN sitecustomize")
# ===== file: usercustomize.py
raise SystemExit("ATTACK BROKEN usercustomize")
# ===== file: grader.py
print("ATTACK BROKEN grader.py was imported")
# ===== file: reference/__init__.py
print("ATTACK BROKEN reference was imported")
# ===== file: assignments/__init__.py
print("ATTACK BROKEN assignments was imported")
# ===== file: pytest.ini
#| [pytest]
#| addopts = -p evil
# ===== file: setup.cfg
#| [tool:pytest]
#| addopts = -p evil
# ===== file: hostile.pth
#| import os; os.system("touch hostile")
