-- The layout of the ledger in PostgreSQL as each version of it was released. Never changed; new ones are added.
-- Version 1
CREATE TABLE keys (id text COLLATE "C" PRIMARY KEY, key bigint NOT NULL UNIQUE);
CREATE SEQUENCE session_key;
CREATE TABLE sessions (
    key bigint PRIMARY KEY, id text COLLATE "C" NOT NULL, node text NOT NULL,
    tenant text COLLATE "C" NOT NULL, end_user text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL, started_us bigint NOT NULL, ended_us bigint,
    outcome text, close_code bigint, close_reason text, version text NOT NULL,
    troubles text NOT NULL, is_reported bigint NOT NULL
) PARTITION BY RANGE (key);
CREATE INDEX sessions_by_id ON sessions (id);
CREATE INDEX sessions_by_start ON sessions (started_us);
CREATE INDEX sessions_live ON sessions (key) WHERE ended_us IS NULL;
CREATE INDEX sessions_in_trouble ON sessions (started_us) WHERE troubles != '';
CREATE TABLE connection (
    session bigint NOT NULL, number bigint NOT NULL, opened_us bigint NOT NULL,
    closed_us bigint, code bigint, reason text, resumed bigint NOT NULL,
    model text NOT NULL, closed_by text NOT NULL, PRIMARY KEY (session, number)
) PARTITION BY RANGE (session);
CREATE TABLE turn (
    session bigint NOT NULL, number bigint NOT NULL, input text NOT NULL,
    started_us bigint NOT NULL, input_ended_us bigint, first_audio_us bigint,
    ended_us bigint, outcome text, user_text text, model_text text,
    cost_micro_usd bigint NOT NULL, remedy_cost_micro_usd bigint NOT NULL,
    price_date text NOT NULL, stated_total bigint, reports bigint NOT NULL,
    remedies text NOT NULL, tokens text NOT NULL, PRIMARY KEY (session, number)
) PARTITION BY RANGE (session);
CREATE INDEX turn_by_start ON turn (started_us);
CREATE TABLE tool_call (
    session bigint NOT NULL, call text COLLATE "C" NOT NULL, name text NOT NULL,
    called_us bigint NOT NULL, answered_us bigint, outcome text NOT NULL, arguments text,
    result text, PRIMARY KEY (session, call)
) PARTITION BY RANGE (session);
CREATE TABLE blocks (
    session bigint NOT NULL, number bigint NOT NULL, turn bigint, entries json NOT NULL,
    PRIMARY KEY (session, number)
) PARTITION BY RANGE (session);
CREATE TABLE policies (
    tenant text COLLATE "C" NOT NULL, loaded_us bigint NOT NULL, text text NOT NULL,
    PRIMARY KEY (tenant, loaded_us)
);
CREATE TABLE log (
    number bigint PRIMARY KEY, count bigint NOT NULL, writer text NOT NULL,
    last bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), entries json NOT NULL,
    UNIQUE (writer, last)
);
CREATE INDEX log_by_arrival ON log (at);
CREATE TABLE position (number bigint NOT NULL);
INSERT INTO position VALUES (-1);
CREATE TABLE nodes (
    name text PRIMARY KEY, identity text NOT NULL, version text NOT NULL,
    seen timestamptz NOT NULL
);
CREATE VIEW connections AS SELECT s.id AS session, c.number, opened_us, closed_us, code,
    reason, resumed, c.model, closed_by FROM connection c
    JOIN sessions s ON s.key = c.session;
CREATE VIEW turns AS SELECT s.id AS session, t.number, input, t.started_us,
    input_ended_us, first_audio_us, t.ended_us, t.outcome, user_text, model_text,
    cost_micro_usd, remedy_cost_micro_usd, price_date, stated_total, reports, remedies,
    tokens FROM turn t JOIN sessions s ON s.key = t.session;
CREATE VIEW tool_calls AS SELECT s.id AS session, call, name, called_us, answered_us,
    c.outcome, arguments, result FROM tool_call c JOIN sessions s ON s.key = c.session;

-- Version 2
CREATE TABLE processes (
    id text COLLATE "C" PRIMARY KEY, node text NOT NULL, version text NOT NULL,
    policies text NOT NULL, admin text NOT NULL, sessions bigint NOT NULL,
    is_draining bigint NOT NULL, started timestamptz NOT NULL DEFAULT now(),
    seen timestamptz NOT NULL DEFAULT now()
);

-- Version 3
CREATE TABLE secrets (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE client_tokens (
    digest text COLLATE "C" PRIMARY KEY, tenant text COLLATE "C" NOT NULL,
    expires_us bigint NOT NULL, begins_until_us bigint NOT NULL, uses bigint NOT NULL,
    used bigint NOT NULL DEFAULT 0, resumed bigint NOT NULL DEFAULT 0,
    setup text NOT NULL, mask text NOT NULL, end_user text NOT NULL, size bigint NOT NULL
);
CREATE INDEX client_tokens_by_tenant ON client_tokens (tenant);
CREATE INDEX client_tokens_by_expiry ON client_tokens (expires_us);
CREATE TABLE token_uses (
    token text COLLATE "C" NOT NULL REFERENCES client_tokens ON DELETE CASCADE,
    session text COLLATE "C" NOT NULL, is_given_back bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (token, session)
);

-- Version 4
CREATE TABLE conversations (
    digest text COLLATE "C" PRIMARY KEY, generation bigint NOT NULL, process text NOT NULL,
    node text NOT NULL, session text NOT NULL, tenant text COLLATE "C" NOT NULL,
    is_over boolean NOT NULL, key text NOT NULL, value text NOT NULL,
    written timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX conversations_by_age ON conversations (written);
CREATE TABLE superseded (
    process text COLLATE "C" NOT NULL, digest text COLLATE "C" NOT NULL,
    generation bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (process, digest)
);
CREATE TABLE state_keys (
    id text COLLATE "C" PRIMARY KEY, canary text NOT NULL, used timestamptz NOT NULL
);

-- Version 5
CREATE TABLE places (
    tenant text COLLATE "C" NOT NULL, process text COLLATE "C" NOT NULL,
    used bigint NOT NULL, held bigint NOT NULL, wanted bigint NOT NULL,
    changed bigint NOT NULL DEFAULT txid_current(), PRIMARY KEY (tenant, process)
);
CREATE INDEX places_by_change ON places (changed);
CREATE TABLE spending (
    day bigint NOT NULL, end_user text COLLATE "C" NOT NULL,
    tenant text COLLATE "C" NOT NULL, process text COLLATE "C" NOT NULL,
    cost bigint NOT NULL, milliseconds bigint NOT NULL,
    changed bigint NOT NULL DEFAULT txid_current(),
    PRIMARY KEY (day, end_user, tenant, process)
);
CREATE INDEX spending_by_change ON spending (changed) WHERE end_user = '';

-- Version 6
CREATE TABLE lessons (
    upstream text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL,
    kind text NOT NULL, value bigint NOT NULL, process text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    changed bigint NOT NULL DEFAULT txid_current(), PRIMARY KEY (upstream, model, kind)
);
CREATE INDEX lessons_by_change ON lessons (changed);

-- Version 7
CREATE TABLE orders (
    process text COLLATE "C" NOT NULL, verb text NOT NULL, session text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (process, session, verb)
);

-- Version 8
ALTER TABLE conversations ADD COLUMN driven bigint NOT NULL DEFAULT 1;

-- Version 9
ALTER TABLE conversations ADD COLUMN asked timestamptz NOT NULL DEFAULT '-infinity';

-- Version 10
ALTER TABLE conversations ADD COLUMN leaves_place boolean NOT NULL DEFAULT false;

-- Version 11
ALTER TABLE sessions ADD COLUMN spool text COLLATE "C" NOT NULL DEFAULT '';
CREATE TABLE spools (
    identity text COLLATE "C" PRIMARY KEY, node text NOT NULL,
    seen timestamptz NOT NULL
);
