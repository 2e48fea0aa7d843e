"""Reading the files of an import, in a process of its own.

Nothing here imports more than the standard library: the process starts for each import, is given bytes
and limits, knows no sheet and no secret, and answers with tables of cells or with why there are none.
"""
