"""``python -m glutarium`` is the command ``glutarium``."""

from __future__ import annotations

from glutarium.cli.app import main

if __name__ == "__main__":
    main()
