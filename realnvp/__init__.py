"""RealNVP, a normalizing flow, and an app that explains it."""

__all__ = ["AffineCoupling", "RealNVP"]


def __getattr__(name: str) -> object:
    # Imported at first use: the web server runs without torch until a page looks inside a flow.
    if name == "AffineCoupling":
        from realnvp.coupling import AffineCoupling

        return AffineCoupling
    if name == "RealNVP":
        from realnvp.flow import RealNVP

        return RealNVP
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
