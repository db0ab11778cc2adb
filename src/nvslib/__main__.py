"""``python -m nvslib`` is the command ``nvs``."""

from nvslib.cli import main

main()
