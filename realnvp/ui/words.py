"""One word for one thing: the explanations behind the words on the pages."""

from realnvp.engine.view import RunView
from realnvp.store.run import RunLine
from realnvp.ui.data import title_of

HELP = {
    "input": "Points from the data's own distribution that training never sees. Colour marks which part they "
    "belong to, and each point keeps its colour everywhere.",
    "input of points": "Your points. The first fifth of them is held out: training never sees it. Each point keeps its "
    "colour everywhere.",
    "forward": "The flow f: from data to latent space, through all coupling layers in turn.",
    "latent": "Your points after all coupling layers. Training makes them look like a standard Gaussian: the "
    "rings hold 39%, 86% and 99% of one (1, 2 and 3 sigma).",
    "inverse": "The flow backwards, f⁻¹: each coupling layer is undone exactly, last one first.",
    "inverted": "Latent points sent backwards through the flow.",
    "new samples": "Fresh Gaussian noise sent backwards. The more it resembles the input, the more was "
    "learned. It has no classes, so it has no colours.",
    "same points": "The latent points sent back. Each returns to where it began, even before training: this "
    "shows that the flow can be inverted, not that it has learned.",
    "train": "Trains a new flow from epoch 0 with the settings below, in view. The time is at full speed.",
    "train further": "Goes on where this run ended, with all settings as they are. After one-cycle the learning rate "
    "begins again at 30% of its highest and falls to zero every 500 epochs; after constant it stays. A run that was "
    "stopped goes on along its schedule.",
    "train further read back": "A file of weights holds no optimiser to go on with, so this trains from epoch 0 again: "
    "through the epochs of the run that it came from, which gives the same weights on the CPU, and then further.",
    "stop": "Ends this run here; its pictures stay.",
    "pace": "Slow motion spreads a run over about 20 seconds, or longer where training itself takes longer. "
    "The early epochs, where most happens, get the most of it.",
    "nll": "Average surprise at points the flow was not trained on (negative log-likelihood, in nats). Lower "
    "is better; it can be negative, because densities can exceed 1. It is the entropy floor plus the KL gap.",
    "nll of points": "Average surprise at the held-out points, which the flow is not trained on (negative "
    "log-likelihood, in nats). Lower is better. It depends on the units of the data: metres or millimetres shift it.",
    "lowest held-out": "The lowest held-out loss of this run so far, in nats: the diamond in the plot. It is looked "
    "at a hundred times a run, on up to 2,000 held-out points.",
    "overfitting": "The flow learns its training points by heart: the held-out loss has risen by more than 0.05 nats "
    "above its lowest value, while the training loss stays below it. Stop early keeps the best weights. Fewer layers "
    "or a smaller width help too, and most of all more points.",
    "stop early": "The held-out loss had not fallen for as many epochs as you asked for, so the run ended and went "
    "back to the weights where it was lowest. The held-out points chose them, so the NLL flatters them a little.",
    "points": "How many points there are in all. Four of five are trained on; the fifth is held out. The seed decides "
    "which.",
    "kl gap": "What could still be learned, in nats: how much more surprised the flow is than someone who "
    "knows the true distribution. 0 is perfect.",
    "kl gap error": "Standard error: how far the number may be off because it is measured on finitely many held-out "
    "points.",
    "training loss": "The loss of the newest epoch, in nats: average surprise at the batch just trained on.",
    "floor": "Entropy of the data, in nats: the surprise that is left even when the true distribution is "
    "known. No model can get below it.",
    "inversion error": "Largest distance in one coordinate, in data units, between an input point and itself "
    "after going to latent space and back. It is rounding: float32 keeps about seven digits.",
    "parameters": "Numbers that training adjusts: the weights and biases of all conditioner networks.",
    "curves": "What the layer's network computes over the coordinate that stays: s (log of the stretch) and t (shift, "
    "in data units). The dots mark where the points lie.",
    "log-det": "Log of the factor by which this layer grows (+) or shrinks (-) a tiny area, in nats. It depends on the "
    "coordinate that stays alone, so it comes in stripes. The dots are the points before the layer.",
    "contributions": "The mean of each layer's log-det over the points, in nats: what the layer adds to the mean "
    "log-likelihood beside making the points more Gaussian. The layer in view stands out.",
    "mean log normal": "How likely the latent points are under the standard Gaussian: the mean log-density over the "
    "points shown, in nats.",
    "mean log-likelihood": "The sum of the two: how likely the flow finds the points shown, in nats. Minus this is "
    "their NLL; it differs a little from the held-out NLL, which is measured on more points.",
    "followed point": "A coordinate of the point that is followed, in data units. Type one, or click in the plane.",
    "another point": "Follows another of the held-out points, which training never sees.",
    "path": "Where the point is before the first layer (x), after each layer, and at the end (z). A layer moves one "
    "coordinate, so each step is level or upright. Faint dots: held-out points. Rings: 1, 2 and 3 sigma of the "
    "Gaussian in which z should lie. Click anywhere to follow that point.",
    "ledger": "How log p(x) comes about, in nats: log N(z; 0, I) where the path ends, then the log-det of each layer "
    "on top. Orange grows a tiny area around the point, blue shrinks it. Click a bar for its formula, numbers and "
    "source.",
    "log normal": "Log-density of the standard Gaussian at z, where the path ends, in nats: the nearer z is to the "
    "middle, the higher.",
    "sum of log-dets": "The log-dets of all layers added up, in nats: log of the factor by which the whole flow grows "
    "(+) or shrinks (-) a tiny area around the point.",
    "log prob": "The log-density that the flow gives the point, in nats: log N(z; 0, I) plus the sum of the log-dets. "
    "It equals flow.log_prob(x) to the digits shown.",
    "autograd": "The determinant of the whole flow's Jacobian, found by automatic differentiation in float64. It knows "
    "nothing of coupling layers, and yet finds the sum of their log-dets (in nats); what is off is float32's rounding.",
    "log_prob itself": "The log-density by the function that training uses, flow.log_prob(x), and by the ledger, in "
    "nats and all of float32's digits.",
    "return error": "The distance between the point and itself after going to latent space and back, in data units. It "
    "is rounding: float32 keeps about seven digits.",
    "open bar": "Shows the formula behind a bar of the ledger, its numbers, and the source of the function that ran.",
    "ledger layer": "Number of the coupling layer, in the order from data to latent.",
    "ledger stays": "The coordinate that the layer keeps, and from which its network computes s and t.",
    "ledger s": "Log of the stretch of the other coordinate. In the plane it is also the layer's log-det, in nats.",
    "ledger exp": "The stretch itself, a factor: the coordinate that moves is multiplied by it.",
    "ledger t": "The shift in data units, added after stretching.",
    "ledger place": "The coordinate after the layer, in data units; in bold the one that has just moved.",
    "ledger running": "Sum of the log-dets up to and with this layer, in nats.",
    "ledger rounding": "The running sums and log p(x) are rounded to the digits shown, and each part is the step "
    "between two of them. So the column adds up exactly as it stands here, and a part may differ by one in its last "
    "digit from its own rounding. All is computed in float32, which keeps about seven digits.",
    "density scale": "Density: what most samples show. Log density: shows what is thin too, down to about a "
    "thousandth of a point per unit area.",
    "learned density": "The density that the flow gives each place: the Gaussian's at z = f(x) times |det df/dx|, "
    "the factor by which f grows a tiny area there. The mean over each cell, per unit area.",
    "true density": "The density that the points are really drawn from, known exactly because the data are made "
    "here. The mean over each cell, per unit area, in the colours of the learned one.",
    "density difference": "Learned minus true. Orange: the flow puts too much there; blue: too little; clear: "
    "right. In logs, what is below the scale's lowest value counts as that.",
    "integral": "The learned density added up over the view, cell by cell: the probability that a sample lies in "
    "it. A flow's density integrates to 1 over the whole plane, whatever its weights; what is missing lies outside "
    "the view. Without a unit: density times area.",
    "off the data": "The learned probability of the cells in the view whose true density is below a thousandth of "
    "its peak: how many samples land where there should be nearly none. Of the true density itself hardly any is "
    "there.",
    "learned density here": "What the flow says of the place marked in the pictures, exactly there (flow.log_prob), "
    "per unit area, and its log in nats. A density can exceed 1: only its integral can't.",
    "true density here": "The truth about the place marked in the pictures, exactly there, per unit area, and its "
    "log in nats.",
    "no truth": "Nobody knows the density that these points come from, so there is no true one to hold beside the "
    "learned one, no entropy floor and no KL gap. The held-out NLL is what there is to judge the flow by.",
    "choose data": "Choose what to learn: a distribution from the shelf, or points of your own, drawn, typed, from a "
    "picture, from a file or pasted.",
    "use points": "Takes these points and leaves the settings as they are; Train then learns them.",
    "own preview": "The points as the flow will get them, up to 3,000 of them shown. A fifth is held out.",
    "word": "Each letter becomes a part of the data, in its own colour. Up to 24 characters.",
    "font": "The fonts that are installed where the app runs.",
    "picture": "Darkness becomes density: the darker a place, the more points fall there. 20,000 points are drawn.",
    "table file": "Columns of numbers, with or without a header. The file stays on the server that runs this app.",
    "paste": "From a spreadsheet or a text file: two or more columns, separated by tabs, commas, semicolons or blanks.",
    "column": "A column of numbers, in its own units: the flow standardises it by itself.",
    "colour column": "A column that gives the points their colours. The flow does not see it.",
    "examples": "Measured data from scikit-learn: nobody knows the distribution that they come from.",
    "put in": "What a click puts into the latent space. The inverse f⁻¹ then sends it to the data space.",
    "radius": "Of the circle round the middle of the latent space, in standard deviations (sigma) of the Gaussian. "
    "A circle of 1.2 sigma holds half of it.",
    "temperature": "Scales the noise before it is sent back; it has no unit. At 1 samples follow the learned "
    "density. Below 1 they stay near the middle of the latent space: less variety. Above 1 they reach places that "
    "training seldom saw. Their density is N(f(x); 0, T² I) |det df/dx|.",
    "explore latent": "Gaussian noise, scaled by the temperature, and what you have put in. Axes in standard "
    "deviations (sigma); the rings are 1, 2 and 3 sigma.",
    "explore data": "The same noise sent backwards: samples. And where what you have put in lands. A click here "
    "puts in the latent point that lands there.",
    "bridge latent": "The middle of each part of the data is sent to latent space (large dots), and a straight line "
    "drawn between them, with a narrow band around it, in standard deviations (sigma). Small dots: held-out points.",
    "bridge data": "Line and band sent backwards, over the log of the learned density (nats). The image is in one "
    "piece, as the line is.",
    "bridge along": "Log densities in nats at each place of the line's image. In a gap the true one falls to next "
    "to nothing; the learned one can't. Hover for densities per unit area.",
    "lowest learned": "The smallest learned density at any place of the line's image, per unit area.",
    "lowest true": "The smallest true density at any place of the line's image, per unit area: there is the gap.",
    "bridge width": "How wide the image of the band is where the true density is lowest, measured across the line's "
    "image, in data units. In latent space the band reaches {band} sigma to either side of the line.",
    "film": "The training from its first epoch to its last, from pictures kept on the way.",
    "share": "A link or a QR code that opens this, a link with a task for a class, and files to take away.",
    "link of settings": "Whoever opens it gets the same run: the same settings and the same random numbers, trained "
    "anew (on the CPU, equal to the last digit). It works on any copy of this app.",
    "link of points": "Whoever opens it on this server gets the same run, as long as the points are kept here. They do "
    "not travel in the link.",
    "link of a run": "Opens this very run with its numbers and pictures, as long as this server keeps it. Who has the "
    "link may look, and go on from its settings; nobody can change it.",
    "link of a going run": "Whoever opens it sees this run as it goes, and can't steer it. Afterwards it opens the "
    "finished run, as long as this server keeps it.",
    "lesson": "The link opens these settings with your task above the pictures.",
    "lesson task": "Shown in place of the sentence above the pictures. Plain text, up to 200 characters.",
    "lesson controls": "Locked: settings can be read and not changed. Hidden: only pictures, Train and the loss. It "
    "helps to keep to the task; who changes the link gets round it.",
    "lesson projector": "Opens large, as with Present: only what the class needs to see.",
    "file html": "The layers and the training as an animation, in one file that needs no network.",
    "file sheet": "One page to hand in (A4): pictures, loss, numbers, settings and a link.",
    "file script": "Trains this very configuration from the same weights and batches; needs torch and numpy alone. "
    "For reading, too.",
    "file notebook": "The same in cells, with words between them.",
    "file weights": "What was learned, as safetensors with the settings inside. The Runs page reads it back, "
    "up to 10 MB.",
    "file samples": "10,000 new points as a table, in data units.",
    "file density": "The learned density on a grid of 100 by 100 places, per unit area; beside the true one where it "
    "is known.",
    "file pictures": "Each figure as you see it on this page, as PNG in twice its size.",
    "runs": "Runs that you have trained with this browser, when they have ended or were stopped. Nobody else sees this "
    "list; a run is shown to others by its link. Pinned ones come first, then the newest.",
    "run picture": "The latent points in the colours of their classes, beside new samples.",
    "run name": "A name of your own, or else what the run is.",
    "run data": "The points that the flow has learned.",
    "run layers": "Number of coupling layers.",
    "run width": "Units in each hidden layer of the networks.",
    "run epochs": "Epochs trained: updates on one batch each.",
    "run ended": "finished: trained to its end. stopped: ended by a person, or because nobody looked any more. "
    "imported: read from a file of weights.",
    "read weights": "Takes in what *Share, Files, Weights* gives out. The flow is judged and drawn anew, and becomes "
    "one of your runs. It has no loss curve, for that is not in the file.",
    "weights file": "A file of numbers and settings, in the format safetensors, which cannot hold code. The server "
    "checks each of them.",
    "run made": "When the run was started.",
    "run pinned": "A pinned run is kept for good; of the others the newest 200.",
    "open run": "Shows this run on the playground, or on a page that looks inside.",
    "rename run": "Up to 80 characters. An empty name takes it away.",
    "pin run": "Pinned runs come first and are kept for good; of the others the newest 200 are kept.",
    "delete run": "Takes the run away, and its link with it. You can undo this.",
    "share run": "Whoever has this link sees the run with its numbers and pictures. Nobody but you can rename or "
    "delete it.",
    "share comparison": "Whoever has this link sees these runs side by side.",
    "retrain": "Takes the settings of this run to the playground, where you can change them and train anew.",
    "further epochs": "How many epochs more. After one-cycle take a multiple of 500: there the learning rate is zero.",
    "compare": "Two to four runs side by side: pictures with the same axes, losses, numbers, and what differs.",
    "compared input": "What each flow has learned from: held-out points in the colours of their classes.",
    "compared losses": "Training loss in nats: average surprise at the batch just trained on. Seconds are those "
    "spent in training, spread evenly over the epochs; a run that shared its processor with others took longer.",
    "compared kl gap": "What could still be learned, in nats, with its standard error. 0 is perfect. Where two differ "
    "by less than the errors, neither is better; and another seed often changes it by more.",
    "compared nll": "Average surprise at held-out points, in nats, with its standard error where the truth is unknown. "
    "It can be compared between runs of the same data alone.",
    "epochs trained": "Updates of the weights on one batch each, so far.",
    "sweep": "Trains one flow for each value of one setting; all other settings are those of the playground.",
    "sweep setting": "The setting that takes several values.",
    "sweep values": "Two to eight values: each is a run of its own, and ends in your runs.",
    "sweep epochs": "Epochs of each run. Shorter ones show the same tendency sooner.",
    "sweep curve": "How good the flows are over the setting: KL gap in nats, or held-out NLL where the truth is "
    "unknown. Bars: a standard error either way. Hollow: still training. Another seed moves each point, often by more "
    "than its bar.",
    "sweep samples": "New samples of each flow: Gaussian noise sent backwards. All have the same axes.",
    "class": "A class has one wall: each publishes runs under a nickname, and the wall ranks them by KL gap.",
    "class code": "Six letters and digits by which others join, here or with the link. Whoever has the code sees the "
    "wall.",
    "class privacy": "Of you the wall has the nickname that you choose and the runs that you publish, nothing else. "
    "A class and all that belongs to it is deleted 30 days after it was opened.",
    "own classes": "Those that you have joined or opened with this browser, which is known by a cookie.",
    "open class": "For teachers. You get a code for your class and a link for yourself; a challenge can be set and "
    "changed at any time.",
    "class title": "What the class sees above its wall. Up to 80 characters, or nothing.",
    "nickname": "What the class is to call you; no full name is needed. Up to 24 characters.",
    "rename me": "You are in the class under this nickname. A new one holds for runs already published, too.",
    "invite": "The link, the QR code and the code of the class, large enough for a projector.",
    "invitation": "Open the link or photograph the code. Or go to *Class* in the menu and type the code above.",
    "leave class": "Back to the ways into a class. What you have published stays on the wall.",
    "challenge": "What the teacher asks of the runs. One that does not meet it is shown, and not ranked.",
    "challenge data": "Which distribution is to be learned, with its usual noise.",
    "most parameters": "Numbers that training adjusts, at most: it limits layers and width together.",
    "most epochs": "Epochs trained, at most, further ones included.",
    "challenge task": "What else there is to do or to think about. Plain text, up to 200 characters.",
    "take up": "Sets the playground to the data and the epochs of the challenge. The other settings are up to you.",
    "run to publish": "Your runs that have ended and whose data have a known density, the newest first. Weights "
    "read from a file are not among them.",
    "publish": "Puts this run on the wall: its picture, numbers and settings, under your nickname. Others can open it. "
    "You can take it back.",
    "empty wall": "Nothing is on the wall yet. Join under a nickname, train a run on the playground, and publish it "
    "here: the wall then shows it to the whole class by itself.",
    "wall order": "KL gap ranks by quality: what could still be learned, in nats.",
    "wall data": "Shows the runs of one distribution alone.",
    "wall best": "Shows of each person the run with the lowest KL gap alone; without a challenge, one for each data.",
    "wall inside": "Hides the runs that do not meet the challenge.",
    "place": "Place by KL gap among the runs of the same data on this wall. Places that differ by less than the "
    "errors say little.",
    "outside": "The run does not meet the class's challenge, so it has no place.",
    "card size": "Number of coupling layers, and units in each hidden layer of their networks.",
    "card data": "The points that the flow has learned, and how far they scatter around their shape (a standard "
    "deviation, in data units).",
    "open entry": "Shows this run on the playground. You may look at it and go on from its settings; nobody can change "
    "it.",
    "take back": "Takes your run off the wall. You can undo this.",
    "remove entry": "Takes this run off the wall; it cannot be published here again. You can undo this.",
    "teacher": "The challenge, the wall as a table, and closing the class.",
    "teacher's link": "**Your link as the teacher**, for other browsers. Keep it to yourself: it is shown once. In "
    "this browser you are known without it.",
    "new key": "Makes a teacher's link, with which another browser teaches too. An older one then leads nowhere.",
    "close class": "The wall stays, and nobody joins or publishes any more.",
    "reopen class": "Lets the class join and publish again.",
    "class csv": "All runs of the wall as a table for spreadsheet programs.",
    "delete class": "Deletes the class with its wall at once, for everyone. This cannot be undone.",
    "device": "Where this run is trained.",
    "seconds": "Seconds spent in training alone, without pictures and waiting.",
    "speed": "Epochs a second of training time. One epoch is one update on one batch, not a pass through a data set.",
    "coupling layer": "Keeps one coordinate and uses it to decide how far to stretch (s) and shift (t) the other, so "
    "it can be undone exactly.",
    "hand before": "400 points of the two moons, their middle at the origin, on a straight grid. A click moves the "
    "cell.",
    "hand after": "The same points, grid and cell after the layers, in a view of the same size: areas can be compared.",
    "hand f": "The map made of your layers. How far it has got is up to the slider below.",
    "hand place": "From the left end the layers are applied one after the other, then undone by their inverses, the "
    "last one first. Within a layer the step is slowed down: x * exp(u * s) + u * t, with u from 0 to 1.",
    "hand area": "Area of the pink cell in squared data units, measured from its outline in the picture.",
    "hand ratio": "Area now divided by area before, both measured.",
    "hand determinant": "What the mathematics says of the ratio: exp(s) of a layer, multiplied over the layers, at "
    "the middle of the cell. It holds at a point: the smaller the cell, the closer the two.",
    "hand log-det": "Log of the determinant: the sum of s over the layers, at the middle of the cell. Positive where "
    "area grows, negative where it shrinks.",
    "hand error": "Largest distance, in data units, between a point and itself after all layers and their inverses. "
    "It is rounding: the numbers here keep about 16 digits.",
    "hand cell": "The middle of the cell before the layers, in data units. A click in the left picture sets it too.",
    "hand side": "Side of the cell before the layers, in data units.",
    "hand s": "Log of the stretch: the coordinate that moves is multiplied by exp(s). 0 leaves it, 0.69 doubles it.",
    "hand t": "What is added to the coordinate that moves, in data units.",
    "hand second": "A second coupling with the mask swapped: it keeps the coordinate that the first one moves.",
}

WHAT_AM_I_LOOKING_AT = """
**Left: your data.** Each dot is a point (x₁, x₂). **Middle: the same dots** after the flow has moved them.
**Right: the way back.**

The flow is a stack of *coupling layers*. Each keeps one coordinate as it is and uses it to decide how far to stretch
and shift the other. Because the kept coordinate is still there afterwards, the step can be undone exactly, and so can
the whole stack.

Training adjusts the layers until the middle looks like a *Gaussian*, the round cloud that every computer can draw
from. Then comes the trick: draw a fresh dot from the round cloud, send it backwards, and you have a **new** point that
looks like your data. That is a generative model.

Why not just squeeze everything into the middle? The loss counts how much each layer stretches space. Squeezing costs,
so the flow must spread the dots out just as densely as a Gaussian is. What is left of the loss at the end is the
*entropy floor*, the surprise in the data itself, plus the *KL gap*, what could still be learned.
"""


STANDARDISED = " The points are standardised, as the first layer sees them: axes in standard deviations from the mean."

MARKS = set(r"\`*_{}[]()<>#+-.!|~$:^=&")

WAITING = ":material/hourglass_top: The training process is starting; the first picture comes in a moment."


def plain(text: str) -> str:
    """A person's words for Streamlit's Markdown: nothing in them is a mark, a tag, an icon or a formula."""
    return "".join(f"\\{char}" if char in MARKS else char for char in text.replace("\n", " "))


def name_of(run: RunView | RunLine) -> str:
    """The name that its owner has given a run, or else what it is; not yet fit for Markdown."""
    layers = run.config.layers
    return run.name or f"{title_of(run.config)}, {layers} {'layer' if layers == 1 else 'layers'}"


def run_name(view: RunView) -> str:
    """A run in words: its name if it has one, dataset, size, epoch and quality."""
    config = view.config
    words = [
        *([plain(view.name)] if view.name else []),
        plain(title_of(config)),
        f"{config.layers} {'layer' if config.layers == 1 else 'layers'}",
        f"width {config.width}",
        f"epoch {view.epoch:,}",
    ]
    if view.evaluation:
        gap = view.evaluation.kl_gap
        words.append(f"NLL {view.evaluation.nll:.3f} nats" if gap is None else f"KL gap {gap:.3f} nats")
    return ", ".join(words)
