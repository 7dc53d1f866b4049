"""Weights that were exported, as a run again. torch is imported where it is used: a page need not wait for it."""

import math
import secrets
import time

import numpy as np

from realnvp.engine.report import Status
from realnvp.export.weights import read_weights
from realnvp.points import BadData
from realnvp.store.run import StoredRun

NAME = "imported"


def imported_run(content: bytes, owner: str) -> StoredRun:
    """The run of a file of weights. Its quality and pictures are worked out anew, on the CPU; it has no losses.

    A file that is of no use, or whose points are not kept here, is BadData.
    """
    from realnvp.data import data_of
    from realnvp.engine.worker import FINAL_POINTS
    from realnvp.metrics import evaluate
    from realnvp.tracing import take_snapshot
    from realnvp.training import trained_flow

    config, weights, epoch = read_weights(content)
    try:
        data = data_of(config)
    except ValueError:
        raise BadData(
            "The points that this flow has learned are not kept on this server: bring the same points to the "
            "playground, then read the file again."
        ) from None
    flow = trained_flow(config, weights)
    evaluation = evaluate(flow, data.held_out)
    if not math.isfinite(evaluation.nll):
        raise BadData("With these weights the NLL is no finite number: export those of a run that went well.")
    return StoredRun(
        token=secrets.token_urlsafe(16),
        owner=owner,
        config=config,
        status=Status.FINISHED if epoch == config.total_epochs else Status.STOPPED,
        epoch=epoch,
        seconds=0.0,
        evaluation=evaluation,
        parameters=sum(p.numel() for p in flow.parameters()),
        name=NAME,
        created=time.time(),
        losses=np.empty(0, np.float32),
        held_out=np.empty((0, 2)),
        snapshot=take_snapshot(flow, epoch, data.shown, FINAL_POINTS),
    )
