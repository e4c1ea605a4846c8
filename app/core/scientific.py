"""Import SciPy and HiGHS on first use: together they take a second and 80 MB.

`optimize`, `special`, `stats` and the others are lazy modules. The names for mixed-integer linear programmes are lazy
callables, so that code which builds many constraints can name them like the classes of SciPy.

Take distributions from `special`, not from `stats`: `stdtrit`, `fdtrc` and `nctdtr` are the functions that `stats.t`,
`stats.f` and `stats.nct` call, and a process that serves pages then need not import `stats` (45 MB, 0.5 s).
"""

from typing import TYPE_CHECKING

from app.lazy import lazy_callable, lazy_module

if TYPE_CHECKING:
    import highspy
    from scipy import integrate, optimize, special, stats
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp
    from scipy.sparse import coo_matrix, csr_matrix, diags, eye, hstack, vstack
else:
    highspy = lazy_module("highspy")
    integrate = lazy_module("scipy.integrate")
    optimize = lazy_module("scipy.optimize")
    special = lazy_module("scipy.special")
    stats = lazy_module("scipy.stats")
    Bounds = lazy_callable("scipy.optimize", "Bounds")
    LinearConstraint = lazy_callable("scipy.optimize", "LinearConstraint")
    linprog = lazy_callable("scipy.optimize", "linprog")
    milp = lazy_callable("scipy.optimize", "milp")
    coo_matrix = lazy_callable("scipy.sparse", "coo_matrix")
    csr_matrix = lazy_callable("scipy.sparse", "csr_matrix")
    diags = lazy_callable("scipy.sparse", "diags")
    eye = lazy_callable("scipy.sparse", "eye")
    hstack = lazy_callable("scipy.sparse", "hstack")
    vstack = lazy_callable("scipy.sparse", "vstack")

__all__ = [
    "Bounds",
    "LinearConstraint",
    "coo_matrix",
    "csr_matrix",
    "diags",
    "eye",
    "highspy",
    "hstack",
    "integrate",
    "linprog",
    "milp",
    "optimize",
    "special",
    "stats",
    "vstack",
]
