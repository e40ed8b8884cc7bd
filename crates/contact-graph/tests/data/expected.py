"""Computes the statistics of two outbreaks independently of the Rust code, and prints them as JSON.

    python expected.py > expected.json        (needs numpy and scipy)

The means differ from the Rust code's on purpose, so that a shared mistake is unlikely:

- dispersion k: SciPy's negative binomial probabilities, maximised over k by bounded search with the mean fixed at the
  sample mean (its maximum-likelihood value for every k); 95 % profile interval by root finding at a fall of
  chi2.ppf(0.95, 1) / 2.
- discretised serial interval (Cori et al. 2013, web appendix 11): not the closed formula but its definition, the integral
  over a triangle, w_k = integral of (1 - |u - k|) g(u - 1) du over [k - 1, k + 1], g the gamma density of the serial
  interval less one day, by quadrature; compared with the closed formula before printing.
- Cori posterior: gamma with prior shape 1 and scale 5, windows of 7 days, first window from day 2 to 8, none that ends
  within the mean serial interval (as EpiEstim); quantiles from scipy.stats.gamma.
- Wallinga & Teunis 2004: the full matrix of p_ij between cases, summed per infector, averaged by day of onset. A serial
  interval of probability below 1e-9 counts as impossible there.

The serial interval is that of the observed pairs, sample standard deviation (n - 1).
"""

import csv
import datetime as dt
import json
import pathlib
import statistics
from collections import Counter

import numpy as np
from scipy import integrate, optimize, stats

HERE = pathlib.Path(__file__).parent


def rows(name):
    with open(HERE / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def day(text):
    return dt.date.fromisoformat(text) if text else None


def mers():
    cases = {r["id"]: day(r["dt_onset"]) for r in rows("mers_korea_2015_linelist.csv")}
    links = [(r["from"], r["to"]) for r in rows("mers_korea_2015_contacts.csv")]
    return cases, links


def hagelloch():
    table = rows("measles_hagelloch_1861.csv")
    cases = {r["case_ID"]: day(r["date_of_prodrome"]) for r in table}
    links = [(r["infector"], r["case_ID"]) for r in table if r["infector"]]
    return cases, links


def dispersion(offspring):
    x = np.array(offspring)
    mean = x.mean()

    def log_likelihood(log_k):
        k = np.exp(log_k)
        return stats.nbinom.logpmf(x, k, k / (k + mean)).sum()

    best = optimize.minimize_scalar(lambda v: -log_likelihood(v), bounds=(-10, 8), method="bounded", options={"xatol": 1e-12})
    level = log_likelihood(best.x) - stats.chi2.ppf(0.95, 1) / 2
    lower = optimize.brentq(lambda v: log_likelihood(v) - level, -15, best.x, xtol=1e-13)
    upper = optimize.brentq(lambda v: log_likelihood(v) - level, best.x, 12, xtol=1e-13)
    return {"estimate": np.exp(best.x), "lower": np.exp(lower), "upper": np.exp(upper)}


def discretised(mean, sd, n):
    shape, scale = ((mean - 1) / sd) ** 2, sd**2 / (mean - 1)
    g = stats.gamma(shape, scale=scale)
    g1 = stats.gamma(shape + 1, scale=scale)
    out = []
    for k in range(n):
        halves = [(max(a, 1), b) for a, b in ((k - 1, k), (k, k + 1)) if b > 1]
        by_integral = sum(
            integrate.quad(lambda u: (1 - abs(u - k)) * g.pdf(u - 1), a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in halves
        )
        by_formula = (
            k * g.cdf(k) + (k - 2) * g.cdf(k - 2) - 2 * (k - 1) * g.cdf(k - 1)
            + shape * scale * (2 * g1.cdf(k - 1) - g1.cdf(k - 2) - g1.cdf(k))
        )
        assert abs(by_integral - by_formula) < 1e-9, (k, by_integral, by_formula)
        out.append(by_integral)
    return np.array(out)


def incidence(onsets):
    first, last = min(onsets), max(onsets)
    counts = Counter(onsets)
    dates = [first + dt.timedelta(i) for i in range((last - first).days + 1)]
    return dates, np.array([counts[d] for d in dates])


def cori(dates, cases, w, mean_si):
    total = np.array([sum(cases[t - s] * w[s] for s in range(1, t + 1)) for t in range(len(cases))])
    out = []
    for end in range(7, len(cases)):  # position; EpiEstim's day number is end + 1
        if end + 1 <= mean_si:
            continue
        window = slice(end - 6, end + 1)
        shape = 1 + cases[window].sum()
        scale = 1 / (1 / 5 + total[window].sum())
        posterior = stats.gamma(shape, scale=scale)
        out.append({
            "date": dates[end].isoformat(), "mean": posterior.mean(), "sd": posterior.std(), "lower": posterior.ppf(0.025),
            "median": posterior.ppf(0.5), "upper": posterior.ppf(0.975),
        })
    return out


def wallinga_teunis(dates, onsets, w):
    at = np.array([(d - dates[0]).days for d in sorted(onsets)])
    gap = at[:, None] - at[None, :]  # gap[i, j]: days from onset of j, the candidate, to onset of i
    w = np.where(w < 1e-9, 0.0, w)
    p = np.where(gap > 0, w[np.clip(gap, 0, len(w) - 1)], 0.0)
    total = p.sum(axis=1, keepdims=True)
    p = np.divide(p, total, out=np.zeros_like(p), where=total > 0)
    r = p.sum(axis=0)
    return [{"date": dates[d].isoformat(), "mean": r[at == d].mean()} for d in sorted(set(at.tolist()))]


def outbreak(cases, links):
    pairs = [(cases[b] - cases[a]).days for a, b in links if cases[a] and cases[b]]
    named = Counter(a for a, _ in links)
    mean, sd = statistics.fmean(pairs), statistics.stdev(pairs)
    onsets = [d for d in cases.values() if d]
    dates, counts = incidence(onsets)
    w = discretised(mean, sd, len(counts))
    return {
        "cases": len(cases),
        "links": len(links),
        "serial_interval": {"n": len(pairs), "mean": mean, "sd": sd, "median": statistics.median(pairs)},
        "dispersion_k": dispersion([named[c] for c in cases]),
        "discretised_serial_interval": w.tolist(),
        "cori": cori(dates, counts, w, mean),
        "wallinga_teunis": wallinga_teunis(dates, onsets, w),
    }


if __name__ == "__main__":
    print(json.dumps({"mers": outbreak(*mers()), "hagelloch": outbreak(*hagelloch())}, indent=1))
