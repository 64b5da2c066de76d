"""The English words of the model description; names in braces are numbers that the code fills in."""

# ruff: noqa: E501  tables of words
from __future__ import annotations

# fmt: off
PROSE: dict[str, tuple[str, ...]] = {
    "lead": (
        "This page follows the ODD protocol in its second update (Grimm et al. 2020,"
        " [doi:10.18564/jasss.4259](https://doi.org/10.18564/jasss.4259)). The connecting prose is written by hand; every"
        " table, number, formula and name is read from the code, from the city's files and from its fit by `make docs`, and"
        " a test fails when the page and the code differ. Money is in 万元 (10,000 CNY) at current prices and time in"
        " quarters, unless a unit says otherwise.",
        "Codes such as P5 or A41 are the priors (P), the moments (M) and the rows (A to D with a number) of the evidence"
        " review behind the model. A source that says \"assumption\" means that no publication gives the number.",
    ),
    "purpose": (
        "The model forecasts, with honest uncertainty, whether each goal of a city's industry-cultivation plan is reached by"
        " its deadline, and what each policy lever changes about that. It is for planners who compare scenarios of levers,"
        " for researchers who calibrate it to another city, and for people who write the forecast appendix of a plan's"
        " review. The unit is one city; this page describes {en}.",
        "It is a tool for comparing and forecasting counts of a city. It is not meant to pick single enterprises, to evaluate"
        " a past programme causally, or to rank cities.",
    ),
    "goals": (
        "What the model is asked: {goals} goals in {readings} readings. The wording of a goal often admits more than one"
        " count, and the reading decides the answer, so all readings are carried; the one marked is the main one. Evidence:"
        " A, the series itself is calibrated; B, a proxy is; C, there are only priors and base rates.",
    ),
    "patterns": (
        "The model is useful for its purpose as far as it reproduces what has been observed: the city's dated counts of"
        " labelled enterprises, and three moments that the literature agrees on (the yearly exit rate, the share of"
        " high-growth enterprises under the 10 % definition, the rate of gazelles). These are the patterns it is calibrated"
        " to, each with the error it is given. How they are treated is said under \"Observation model\".",
    ),
    "limits": (
        "**Space.** There is no space below districts: no distances, no sites, no commuting. A pilot zone is a pair of a"
        " district and a future track, and its tenants are a share of the enterprises in that pair.",
        "**Births are exogenous.** The number of potential entrants and its growth are parameters. Levers, agglomeration and"
        " zones change who of them is founded, but incomes, demand, interest rates and other cities do not. A spin-off has"
        " no parent: it is a share of the entrants, not a child of a leader or a university in the model.",
        "**One economy without markets.** Enterprises do not trade, hire from each other or compete for customers one by"
        " one. They meet only through agglomeration, displacement inside a district and track, and budgets that run out.",
        "**Only prior.** {assumed} of {parameters} parameters rest on assumptions; of all, the data leave {unmoved} with more"
        " than nine tenths of their prior spread, so what depends on them is the prior carried forward. That holds for"
        " nearly all effects of levers and for zones, consortia, scenes, samples, platforms and key results, of which hardly"
        " any dated count was published. Forecasts at grade C are pulled half-way to the hit rate of settled goals ({settled} of all kinds).",
        "**Labels.** Most thresholds of recognition were not read in the official text; their sources say so. Criteria about"
        " patents, research staff or the share of high-tech revenue are not represented.",
    ),
    "entities": (
        "Enterprises are rows of one table with {columns} columns, because a city has tens of thousands of them. The few"
        " (pilot zones, fund tiers, voucher programmes, consortia, districts) are agents of the Mesa library, and so is the"
        " model, which knows the quarter, the streams of random numbers and the ledger of payments.",
    ),
    "enterprises": (
        "Each row is a technology enterprise on the register. A row may stand for several enterprises (the weight of a run);"
        " counts are multiplied by it. What is fixed at founding is said in the table; all else changes.",
    ),
    "few": (
        "Institutions keep their status and their accounts. What happens to them is decided once a quarter, from fixed queues"
        " of possible events. The running totals count what has no agent of its own.",
    ),
    "policy": (
        "Policy never edits an enterprise. Every quarter starts with blank terms, to which each lever in force adds its"
        " offer: {terms} numbers for each enterprise, and a few for the city as a whole.",
    ),
    "scales": (
        "One step is one quarter, beginning at {start}; up to the origin of a forecast the model repeats history, then it"
        " goes on to the deadline of the goals under a scenario. The extent is one city with {districts} districts and"
        " {tracks} tracks, {future} of which the plan counts as future industries. Shares below are shares of technology"
        " enterprises, from which place and track of the opening population and of entrants are drawn.",
    ),
    "overview": (
        "A quarter is the {lines} lines of `IndustryModel.step`, in this order. Within a line all enterprises are"
        " updated at once from the state that the line before left, so the order of rows means nothing. Growth is the"
        " exception in time: an enterprise closes its books once a year, a quarter of them in each quarter, since the"
        " evidence on growth is yearly. Recognition rounds are held in the quarter of the year that their rule names.",
        "The second table says what each process applies, reads and sets, itself or through its helpers.",
    ),
    "concepts": (
        "All eleven concepts of the protocol, with a plain word where one is not represented.",
    ),
    "principles": (
        "The model is built on stylised facts of firm dynamics: exit hazards that fall with age and size, growth shocks with"
        " fat tails whose spread falls with size (Subbotin), high growth as an episode and not a rank, public money that works"
        " through the odds of a round and not through quality, reported research that bunches at thresholds, and support that"
        " partly displaces rivals. Each enters as a prior with its source, and policy effects are priors around the"
        " evaluation literature, never constants.",
    ),
    "emergence": (
        "The size and age distribution, the share of high-growth enterprises, the stocks and flows of every label, the number"
        " of leaders, the capital raised and the joint distribution of the goals emerge from the rules. Imposed are the"
        " number of potential entrants, the shares of districts and tracks among them, the yearly application rates,"
        " and the rates of zones, consortia, scenes, samples and platforms.",
    ),
    "adaptation": (
        "Weak and rule-based. Enterprises look for equity when their runway is short, report more research when that carries"
        " them over a threshold, apply more often when an award is offered, and use a voucher or let it lapse. They do not"
        " choose their growth, research or place in the light of expected results.",
    ),
    "objectives": (
        "Not represented: no agent maximises anything. Latent quality, fixed at founding, shifts growth and the odds of a"
        " round, and orders claimants where a lever selects by quality.",
    ),
    "learning": (
        "Not represented. Agents do not change their rules with experience, except that those whom a lever has reached once"
        " come first where money is given on a first-come basis.",
    ),
    "prediction": (
        "Not represented: no agent forms an expectation. Runway is judged by present cash and present spending.",
    ),
    "sensing": (
        "Enterprises know their own state, the thresholds in force and the terms that policy offers them. Levers see what an"
        " office can see: age, size, revenue, research share, labels, place, and quality with noise. Nobody sees the state of"
        " another enterprise.",
    ),
    "interaction": (
        "Indirect. Enterprises compete for budgets that end; support to some takes growth from rivals in the same district and"
        " track (displacement); stock attracts entrants (agglomeration); zones and parks draw founders and movers from"
        " other districts. A consortium around a leading enterprise helps the key projects of its track. There are no networks"
        " of supply or ownership.",
    ),
    "stochasticity": (
        "{decisions} decisions are drawn. Each draw is a uniform number addressed by seed, decision, quarter and slot (common"
        " random numbers): it does not depend on who else is there, on what was drawn before or on the number of processes."
        " So scenarios differ by policy only, and an enterprise that no lever reaches lives the same life in all of them. All"
        " other distributions are transformed from uniforms. A name in braces is filled in at run time.",
        "Parameters are drawn too: a member of an ensemble is one draw of the posterior and one seed, the same for every"
        " scenario.",
    ),
    "collectives": (
        "Zones, fund tiers, voucher programmes, consortia and districts are explicit entities. A zone's effect reaches"
        " each tenant over the years after its joining, a consortium's the projects of its track; the others keep accounts. Tracks are attributes, not collectives.",
    ),
    "observing": (
        "At the end of every quarter {indicators} indicators are read off the model. A stock is read in the last quarter of a"
        " year, a flow is summed over it. From an ensemble come median, interval, probability, Monte-Carlo error, first"
        " passage and shortfall of every reading, the joint probability of all goals, and for every scenario against another"
        " three numbers: gross, additional and net. Every payment is in the ledger.",
    ),
    "initialization": (
        "The run begins at {start} with a pool of technology enterprises whose number is a parameter. Place and track are"
        " drawn from the city's shares, ages from the stationary age structure of a pool that grows, staff from a log-normal,"
        " revenue from staff and a log-normal productivity, research from revenue and a habit for life, knowledge at the"
        " stock that this research keeps up, cash at twice the usual runway. Three past years of growth are drawn like later"
        " ones. Labels are given by lot to as many eligible enterprises as held them, their ends spread over the validity."
        " The initial state differs between members of an ensemble, not between scenarios.",
    ),
    "input": (
        "The model reads a city folder, a scenario and a fit; it reads nothing while it runs. Time enters through dated"
        " recognition rules, dated levers, the recognition drive that calibration infers, and dated facts"
        " about institutions, which are repeated as they happened up to the origin.",
    ),
    "history": (
        "{published} published numbers of the city itself are in `history.csv` ({history} with other regions), one row a"
        " number and source. The first table counts those of the series that a fit may use; apart from the labels at the"
        " opening, no published number is put into the model. Facts marked as repeated happen in the model in the quarter in"
        " which they happened, if they lie before the origin; the others are on record only.",
    ),
    "recognitions": (
        "One rule with dated thresholds for each label. Revenue and research are in 万元 a year, age and validity in"
        " quarters, research as a share of revenue, with the revenue up to which a share holds in parentheses.",
    ),
    "scenarios": (
        "{scenarios} shipped scenarios fit the city, with {levers} types of lever to choose from. History is run under its own"
        " scenario up to the origin; then the scenarios part from the same state.",
    ),
    "submodels": (
        "Rules are pure functions of columns and uniform numbers, in `agents`; processes in `sim` hand the draws in and store"
        " the results. The tables give each rule's docstring.",
    ),
    "founding": (
        "Every quarter owns a fixed queue of potential entrants ({entrants} from inside, and some from outside the city), which"
        " is thinned. A lever changes who is founded but never who is who, so that scenarios can be compared enterprise by"
        " enterprise.",
    ),
    "innovation": (
        "Research follows revenue by a habit that is fixed for life. Supported key projects are reviewed after the project's"
        " duration; other key results arise in future tracks in proportion to an enterprise's knowledge stock.",
    ),
    "places": (
        "A market is a district's track. Rivals lose part of what supported enterprises gain (displacement), in proportion to"
        " their revenue. The same places are counted where founding follows founding (agglomeration).",
    ),
    "growth": (
        "A year's growth of staff is the rate that `_grow_staff` puts together below. What policy and finance add is summed quarter"
        " by quarter until the year closes, so a lever in force for half of the year gives half of a year's effect. Revenue"
        " follows staff, prices, the gain from knowledge and what zones add to revenue per head. The rate of `take_off` is the yearly one at which candidates,"
        " those that have had a high-growth episode or many rounds, become leaders.",
    ),
    "finance": (
        "Only the enterprises that equity investors back look for rounds. Public money raises the odds that a round closes"
        " and what private investors add; it buys runway, not quality.",
    ),
    "recognition": (
        "One rule for every label: eligible enterprises apply at a rate, pass with a probability, hold the label for its"
        " validity, and renew with a probability. Labels are also revoked, and lapse.",
    ),
    "survival": (
        "Leaving the register and falling dormant are two events. A dormant enterprise stays on the register, keeps its"
        " labels until the next round and is never eligible for support.",
    ),
    "drive": (
        "How hard recognition is pursued changes from year to year, with campaigns and easier rules. A constant rate cannot"
        " fit the history, so the drive is inferred, and walks at random after the last year that the data speak of.",
    ),
    "levers": (
        "A lever has dates, a ramp, a yearly budget, a size, a circle of eligible enterprises, an order of claimants, a source and an"
        " evidence grade. It adds to blank terms and pays through the ledger, which refuses to go over budget.",
    ),
    "parameters": (
        "{parameters} parameters, {assumed} of them assumptions. Each has a prior; calibration draws from it. The few numbers"
        " that calibration cannot move are under \"Fixed numbers\". The number after a name in a prior is what the name says; s is the standard"
        " deviation of the logarithm.",
    ),
    "fit": (
        "The posterior is the fit of {en} as of {as_of} with {draws} draws, as the points at 5, 50 and 95 %. \"Spread left\" is"
        " the standard deviation of the draws on the scale on which the prior's is 1: near 100 % the data say nothing"
        " about the parameter ({unmoved} keep more than 90 %), and above 100 % the draws lie wider than the prior.",
    ),
    "no_fit": (
        "No fit that this version can read is shipped with {en}; its forecasts need `peiyu calibrate` first.",
    ),
    "fixed": (
        "Numbers that are not calibrated: definitions, sizes of queues, and a few assumptions.",
    ),
    "observation_model": (
        "A published number is the true count seen through errors. Bounds (over, more than, breaking through) are censored:"
        " anything on the right side of them fits. Rounding is an interval. The grade of a source sets the error of its"
        " number, an inferred year adds to it, and lists with a definition of their own may be off as a whole. Lists that"
        " contradict each other are never chained. A goal or an expectation is never an observation, and a fit as of a"
        " date does not see what was published later than its publication lag allows.",
    ),
    "forecast": (
        "The first table turns an ensemble into statements about goals, the second into effects of levers: gross are the"
        " supported enterprises that meet a reading, additional those of them that would not have met it without the"
        " lever, net the paired change of the total, displacement included.",
    ),
}

HEADS: dict[str, str] = {
    "page": "The model: an ODD description",
    "yes": "yes", "until_withdrawn": "until withdrawn",
    # titles
    "title_purpose": "1. Purpose and patterns", "title_goals": "Goals and readings", "title_patterns": "Patterns",
    "title_limits": "Limits", "title_entities": "2. Entities, state variables and scales",
    "title_enterprises": "Enterprises", "title_few": "Institutions", "title_policy": "Terms of policy",
    "title_scales": "Scales and environment", "title_overview": "3. Process overview and scheduling",
    "title_concepts": "4. Design concepts", "title_principles": "Basic principles", "title_emergence": "Emergence",
    "title_adaptation": "Adaptation", "title_objectives": "Objectives", "title_learning": "Learning",
    "title_prediction": "Prediction", "title_sensing": "Sensing", "title_interaction": "Interaction",
    "title_stochasticity": "Stochasticity", "title_collectives": "Collectives", "title_observing": "Observation",
    "title_initialization": "5. Initialization", "title_input": "6. Input data",
    "title_history": "Published numbers and dated facts", "title_recognitions": "Recognition rules",
    "title_scenarios": "Scenarios", "title_submodels": "7. Submodels", "title_founding": "Founding",
    "title_innovation": "Research and key results", "title_places": "Places and rivals", "title_growth": "Growth and take-off", "title_finance": "Equity rounds",
    "title_recognition": "Recognition", "title_survival": "Survival", "title_drive": "Recognition drive",
    "title_levers": "Levers", "title_parameters": "Parameters", "title_fixed": "Fixed numbers",
    "title_observation_model": "Observation model", "title_forecast": "From runs to forecasts and effects",
    # captions
    "enterprises": "Columns of an enterprise", "codes": "Coded values", "few": "Institutions",
    "counts": "Running totals", "enterprise_terms": "What policy offers an enterprise",
    "city_terms": "What policy offers the city", "tracks": "Tracks", "districts": "Districts",
    "schedule": "One quarter", "processes": "Processes", "streams": "Random decisions", "indicators": "Indicators",
    "opening": "The opening population", "leader": "What counts as a leader", "history": "Published series of the city that a fit may use",
    "events": "Dated facts", "recognitions": "Labels", "versions": "Thresholds by date", "scenarios": "Shipped scenarios",
    "rules": "Rules of {}", "as_coded": "As coded in {}", "levers": "Lever types", "every_lever": "Fields of every lever",
    "eligible": "Who is eligible", "parameters": "Parameters: {}", "fixed": "Fixed numbers", "goals": "Goals",
    "readings": "Readings", "observations": "What the fit compares with",
    "observation_fields": "Fields of an observation", "observation_constants": "Constants of the observation model",
    "series_of": "Which series speaks of which indicator",
    # columns
    "column": "column", "unit": "unit", "meaning": "meaning", "kind": "kind", "values": "values", "entity": "entity",
    "attributes": "attributes", "acts": "what happens to it", "field": "field", "blank": "default", "place": "no.",
    "line": "line", "does": "what it does", "rule": "rule", "detail": "formula, sources", "process": "process",
    "applies": "applies", "reads": "parameters", "sets": "columns set", "constant": "constant", "value": "value",
    "where": "where", "parameter": "parameter", "zh_name": "中文", "prior": "prior", "ends": "prior 5 – 95 %",
    "posterior": "posterior 5 / 50 / 95 %", "left": "spread left", "assumed": "assumption", "source": "source",
    "type": "type", "zh_term": "中文", "extra": "own fields", "indicator": "indicator", "zh_label": "中文",
    "definition": "definition", "decision": "decision", "at_quarter": "quarter", "slots": "slots", "track": "track",
    "share": "share", "entry_share": "share of entrants", "future": "future industry", "compute_heavy": "compute-heavy",
    "rd_multiplier": "R&D multiplier", "district": "district", "quantity": "quantity", "recognition": "label",
    "key": "key", "since": "since", "round": "round", "validity": "validity", "requires": "requires", "from": "from",
    "min_age": "age from", "rd_bands": "R&D share", "revenue": "revenue", "max_staff": "staff up to",
    "rd_floor": "R&D from", "goal": "goal", "quote": "words of the plan", "article": "article", "deadline": "deadline",
    "base_rate": "base-rate type", "reading": "reading", "primary": "main", "count": "count", "asked": "asked",
    "evidence": "evidence", "why": "why", "scenario": "scenario", "title": "title", "question": "question",
    "n_levers": "levers", "series": "series", "rows": "rows", "first": "first", "last": "last", "fact": "fact",
    "total": "count", "repeated": "repeated", "observation": "observation",
}
# fmt: on
