CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE runs (
    token VARCHAR(64) NOT NULL PRIMARY KEY, owner VARCHAR(64) NOT NULL, name VARCHAR(80) NOT NULL, pinned BOOLEAN NOT NULL,
    config TEXT NOT NULL, status VARCHAR(16) NOT NULL, epoch INTEGER NOT NULL, seconds DOUBLE PRECISION NOT NULL,
    evaluation TEXT, parameters INTEGER NOT NULL, device VARCHAR(64) NOT NULL, versions TEXT NOT NULL,
    going BOOLEAN NOT NULL, checkpoint_epoch INTEGER NOT NULL, pace VARCHAR(16) NOT NULL,
    created DOUBLE PRECISION NOT NULL, updated DOUBLE PRECISION NOT NULL, deleted DOUBLE PRECISION);
CREATE INDEX runs_of_an_owner ON runs (owner, created);
CREATE TABLE parts (
    token VARCHAR(64) NOT NULL REFERENCES runs (token) ON DELETE CASCADE, name VARCHAR(32) NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (token, name));
INSERT INTO runs VALUES ('old-run', 'alice-aaaaaaaaaaaaaaaa', 'Old moons', TRUE, '{"dataset": "two_moons", "layers": 3}', 'finished',
    2, 0.5, NULL, 100, 'cpu', '{"python": "3.11.0"}', FALSE, 0, 'full', 1700000000.0, 1700000001.0, NULL);
INSERT INTO parts VALUES ('old-run', 'losses', X'78016b6080806aa58cd49c94f8fcd21225ab6aa59492ca8254252b25373313251da5e28c44102fda40c72856472925b124313e3f2dad38b5a4182c68105baba394935f5c9c0ae423e9353642d28b55a7456c6dad02043030283830302cb00700c9ac2938');
