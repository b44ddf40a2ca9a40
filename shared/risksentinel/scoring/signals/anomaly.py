"""Anomaly: how far the amount is above the sender's usual amounts."""

from risksentinel.domain.sender_profile import MIN_PAYMENTS, SenderProfile
from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy


def opinion(facts: Facts, policy: Policy) -> Opinion:
    """Return z^2 / (z^2 + t^2): 0.5 at the threshold t, always below 1; 0 below the median.

    The Hill function with exponent 2: small deviations count little, large ones stay comparable.
    """
    if isinstance(facts.history, Silent):
        return facts.history
    profile = facts.history.sender
    z = profile.z_score(facts.transaction.amount)
    details = {
        "amount_zar": str(facts.transaction.amount),
        "mean_zar": profile.mean,
        "median_zar": profile.median,
        "deviation_zar": profile.deviation,
        "payments": profile.payments,
        "z": z,
        "threshold": policy.anomaly_z_score,
    }
    if z is None:
        return Silent(
            f"{profile.payments} earlier payments of this sender; {MIN_PAYMENTS} are needed",
            details,
        )
    above = max(z, 0.0) ** 2
    risk = round(above / (above + policy.anomaly_z_score**2), 6)
    return Reading(risk, (_in_words(facts, profile, z),), details)


def _in_words(facts: Facts, profile: SenderProfile, z: float) -> str:
    where = "above" if z >= 0 else "below"
    return (
        f"{facts.transaction.amount.in_words} is {abs(z):.1f} deviations {where} this sender's "
        f"median of R{profile.median:,.2f} after {profile.payments} payments"
    )
