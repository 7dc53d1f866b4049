"""The training loop of a program, shorter than that in ``realnvp/training.py``, which has to stop, resume and report.

Tests hold the numbers of the two against each other.
"""

from realnvp.config import TrainingConfig
from realnvp.export.sections.section import Section, block


def training(config: TrainingConfig) -> Section:
    from realnvp.training import CHECKED, CHECKS, FURTHER_CYCLE, FURTHER_SHARE

    one_cycle = """
        def learning_rate(epoch: int) -> float:
            \"\"\"One-cycle (Smith & Topin 2018, arXiv:1708.07120): cosine up, cosine down to 0.\"\"\"
    """
    restarts = f"""
            if epoch >= EPOCHS:  # down to 0 again and again (Loshchilov & Hutter 2017, arXiv:1608.03983)
                done = (epoch - EPOCHS) % {FURTHER_CYCLE} / {FURTHER_CYCLE}
                return {FURTHER_SHARE} * LR * (1 + math.cos(math.pi * done)) / 2
    """
    cycle = """
            done, rise = epoch / EPOCHS, 0.3
            if done < rise:
                low, place = LR / 25, (1 - math.cos(math.pi * done / rise)) / 2
            else:
                low, place = 0.0, (1 + math.cos(math.pi * (done - rise) / (1 - rise))) / 2
            return low + (LR - low) * place


    """
    build = f"""
        # Weights and batches come from streams of their own: the same seed gives the same run on the CPU.
        flow = RealNVP(
            n_layers=LAYERS,
            hidden_features=WIDTH,
            depth=DEPTH,
            max_log_scale=MAX_LOG_SCALE,
            identity_start={config.initialisation == "identity"},
            generator=torch.Generator().manual_seed(2 * SEED),
        ).to(DEVICE)
    """
    units = """
        flow.mean.copy_(mean)
        flow.std.copy_(std)
    """
    prepare = """
        generator = torch.Generator(DEVICE).manual_seed(2 * SEED + 1)
        by_hand = None if AUTOGRAD else ManualGradient(flow)
        parameters = list(flow.parameters()) if AUTOGRAD else [by_hand.parameters]
        optimizer = torch.optim.Adam(parameters, lr=LR, fused=True)
        losses = []
    """
    patience = """
        lowest, best_epoch, best = math.inf, 0, flow.state_dict()  # of the held-out loss
    """
    step = f"""
        for epoch in range({"EPOCHS + FURTHER" if config.further else "EPOCHS"}):
            x = batch(generator)
            if AUTOGRAD:
                optimizer.zero_grad()
                loss = -flow.log_prob(x).mean()
                loss.backward()
            else:
                loss = by_hand.loss(x)
    """
    clip = """
            nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
    """
    schedule = """
            optimizer.param_groups[0]["lr"] = learning_rate(epoch)
    """
    report = """
            optimizer.step()
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                sys.exit(f"The training diverged at epoch {epoch + 1}: try a lower LR.")
            if (epoch + 1) % max(1, EPOCHS // 10) == 0:
                print(f"epoch {epoch + 1:,}: loss {losses[-1]:.3f} nats")
    """
    check = f"""
            if (epoch + 1) % max(1, EPOCHS // {CHECKS}) == 0:
                with torch.no_grad():
                    held_out_loss = -flow.log_prob(held_out[:{CHECKED}].to(DEVICE)).mean().item()
                if held_out_loss < lowest:
                    lowest, best_epoch, best = held_out_loss, epoch + 1, copy.deepcopy(flow.state_dict())
                if best_epoch and epoch + 1 - best_epoch >= PATIENCE:
                    print(f"Stopped early; the weights of epoch {{best_epoch:,}} are kept.")
                    break
    """
    restore = """
        if best_epoch:
            flow.load_state_dict(best)
    """
    parts = [
        (one_cycle, config.schedule == "one-cycle"),
        (restarts, config.schedule == "one-cycle" and config.further),
        (cycle, config.schedule == "one-cycle"),
        (build, True),
        (units, config.fixed_points),
        (prepare, True),
        (patience, config.patience),
        (step, True),
        (clip, config.clip_norm),
        (schedule, config.schedule == "one-cycle"),
        (report, True),
        (check, config.patience),
        (restore, config.patience),
    ]
    words = "Maximum likelihood with Adam: an epoch is one update on one batch."
    imports = {("math", ""), ("sys", "")} | ({("torch", "nn")} if config.clip_norm else set())
    imports |= {("copy", "")} if config.patience else set()
    code = "".join(block(text) for text, wanted in parts if wanted)
    return Section("Training", words, code, frozenset(imports))


def quality(config: TrainingConfig) -> Section:
    judge = """
        with torch.no_grad():
            log_q = torch.cat([flow.log_prob(part.to(DEVICE)).cpu() for part in held_out.split(4096)]).double()
    """
    if config.fixed_points:
        words = "The held-out NLL is the mean surprise at points that the flow is not trained on; lower is better."
        sums = """
        nll = -log_q.mean().item()
        """
    else:
        words = (
            "The KL gap is what could still be learned: the mean of log p(x) - log q(x) at the held-out points. The "
            "held-out NLL is the entropy plus the KL gap; so it scatters less with the points that were drawn."
        )
        sums = """
        kl_gap = -log_q.mean().item() - TRUE_NLL
        nll = ENTROPY + kl_gap
        print(f"KL gap {kl_gap:.4f} nats")
        """
    return Section("How good it is", words, block(judge) + block(sums) + 'print(f"NLL {nll:.4f}")\n')
