"""The library behind the NVS Workbench: the national security strategy cycle, from raw judgement to report.

Importing the package costs nothing; import the room that you need, for instance
``from nvslib.cycle import open_cycle``.
"""

__version__ = "0.1.0"
