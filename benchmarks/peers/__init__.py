"""What the register is measured against: programs of the environment that requirements/bench.txt makes."""
