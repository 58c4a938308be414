"""Measures Perdure beside other systems of its kind, on one Postgres: `python -m bench`.

__main__      the command line: makes the environments, then runs in its own
environments  one virtualenv for each system, versions pinned
postgres      a cluster of its own, with default durability, on loopback
machine       what it ran on, and who used the processors meanwhile
processes     the processes that enqueue and work, each in the environment of its system
child         what runs in those
peers/        one module for each system: how it is installed, fed, and made to work
workloads     what is measured, and how
ceilings      what the same Postgres does at most: pgbench, plain tables, the engine without Python
claims        the cost of a claim as the database fills
plan          which workload runs with which system, how often and how large
goals         the ratios that are aimed at
results       the figures as JSON
report        docs/benchmarks.md and the table in the terminal, from that JSON
plots         the figures as PNG and SVG, from that JSON
"""
