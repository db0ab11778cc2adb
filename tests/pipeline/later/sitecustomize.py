"""Moves the clock of a Python process; Python imports this module at its start when it is on the path."""

import datetime as dt

import time_machine

time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=400), tick=True).start()
