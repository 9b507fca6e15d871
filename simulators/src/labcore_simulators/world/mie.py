"""Scattering by a homogeneous sphere (Mie theory), in the notation of Bohren and Huffman, chapter 4.

Tested against usual textbook values: Q_ext(x=1, m=1.5) = 0.2151, Q_ext(x=10, m=1.5) = 2.882.
"""

from __future__ import annotations

import math

import numpy as np


def coefficients(x: float, m: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients a_n, b_n (n = 1 ...) for size parameter `x` and real relative index `m`."""
    last = int(x + 4.05 * x ** (1 / 3) + 2)
    slope = _log_derivative(m * x, last)
    a, b = np.empty(last, complex), np.empty(last, complex)
    psi_0, psi_1 = math.cos(x), math.sin(x)
    chi_0, chi_1 = -math.sin(x), math.cos(x)
    for n in range(1, last + 1):
        psi = (2 * n - 1) * psi_1 / x - psi_0
        chi = (2 * n - 1) * chi_1 / x - chi_0
        xi, xi_1 = complex(psi, -chi), complex(psi_1, -chi_1)
        left, right = slope[n] / m + n / x, slope[n] * m + n / x
        a[n - 1] = (left * psi - psi_1) / (left * xi - xi_1)
        b[n - 1] = (right * psi - psi_1) / (right * xi - xi_1)
        psi_0, psi_1, chi_0, chi_1 = psi_1, psi, chi_1, chi
    return a, b


def _log_derivative(z: float, last: int) -> np.ndarray:
    """Logarithmic derivative of psi_n at `z`, by downward recurrence."""
    start = int(max(last, z) + 8 * z ** (1 / 3)) + 16  # far enough above z for an error of 1e-9
    slope = np.zeros(start + 1)
    for n in range(start, 0, -1):
        slope[n - 1] = n / z - 1 / (slope[n] + n / z)
    return slope


def efficiency(x: float, m: float) -> tuple[float, float]:
    """Return the extinction efficiency and the anisotropy (mean cosine) of a sphere that does not absorb."""
    a, b = coefficients(x, m)
    n = np.arange(1, len(a) + 1)
    extinction = 2 / x**2 * float(np.sum((2 * n + 1) * (a + b).real))
    scattering = 2 / x**2 * float(np.sum((2 * n + 1) * (abs(a) ** 2 + abs(b) ** 2)))
    pairs = (n * (n + 2) / (n + 1))[:-1] * (a[:-1] * a[1:].conj() + b[:-1] * b[1:].conj()).real
    single = (2 * n + 1) / (n * (n + 1)) * (a * b.conj()).real
    forward = 4 / x**2 * float(np.sum(pairs) + np.sum(single))
    return extinction, forward / scattering
