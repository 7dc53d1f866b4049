"""The pictures of a program."""

import json

from realnvp.config import TrainingConfig
from realnvp.export.data_names import axes_of, title_of
from realnvp.export.sections.section import Section, block
from realnvp.export.source import excerpt
from realnvp.figures.points import OKABE_ITO


def pictures(config: TrainingConfig) -> Section:
    drawing = excerpt([("realnvp.export.drawing", "picture")], methods={})
    code = f"""
        TITLE = {json.dumps(title_of(config), ensure_ascii=False)}
        COLOURS = {json.dumps(OKABE_ITO)}  # of the classes
        with torch.no_grad():
            shown = held_out[:2000]
            latent = flow(shown.to(DEVICE))[0].cpu()
            # Gaussian noise sent backwards: new points.
            samples = flow.sample(len(shown), generator=torch.Generator().manual_seed(SEED)).cpu()
        colours = [COLOURS[label] for label in labels[: len(shown)]]
        svg = picture(TITLE, shown, latent, samples, colours, losses, one_unit={axes_of(config).equal})
        file = Path(globals().get("__file__", "realnvp.py")).with_suffix(".svg")  # beside this program
        file.write_text(svg, "utf-8")
        print(f"The picture is in {{file}}.")
    """
    words = (
        "The input, where the flow sends it (latent), Gaussian noise sent backwards (inverted), and the loss, as SVG."
    )
    imports = frozenset(drawing.imports | {("pathlib", "Path")})
    return Section("Pictures", words, f"{drawing.text}\n\n{block(code)}", imports)
