-- Complaints, their items, cases, and what happens to them. Times are microseconds since 1970 UTC.
CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
CREATE TABLE complaint (
  id BIGINT PRIMARY KEY, received BIGINT NOT NULL, channel TEXT NOT NULL, raw_sha256 TEXT NOT NULL UNIQUE, raw_path TEXT,
  format TEXT NOT NULL, class TEXT NOT NULL, state TEXT NOT NULL, reporter TEXT NOT NULL, reporter_kind TEXT NOT NULL,
  external_id TEXT, item_count BIGINT NOT NULL, seen BIGINT NOT NULL, why TEXT, document TEXT
);
CREATE INDEX complaint_external ON complaint (external_id, reporter);
CREATE INDEX complaint_unread ON complaint (state, received);
CREATE TABLE cases (
  id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, key TEXT NOT NULL, class TEXT NOT NULL, state TEXT NOT NULL,
  state_before TEXT, severity TEXT NOT NULL, host TEXT, ip TEXT, account TEXT, owner TEXT, opened BIGINT NOT NULL,
  first_event BIGINT NOT NULL, last_event BIGINT NOT NULL, complaints BIGINT NOT NULL, weight BIGINT NOT NULL,
  reporters BIGINT NOT NULL, late BIGINT NOT NULL, reopened BIGINT NOT NULL, fixed BIGINT, closed BIGINT,
  predecessor BIGINT, merged_into BIGINT
);
CREATE INDEX cases_key ON cases (key, state);
CREATE TABLE item (
  id BIGINT PRIMARY KEY, complaint_id BIGINT NOT NULL REFERENCES complaint (id), n BIGINT NOT NULL,
  source_ip TEXT, hop_ip TEXT, hop_time BIGINT, confidence TEXT, verdict TEXT NOT NULL, why TEXT, sender TEXT, recipient TEXT,
  subject TEXT, message_id TEXT, mta_ids TEXT, weight BIGINT NOT NULL
);
CREATE INDEX item_complaint ON item (complaint_id);
-- An item belongs to the case of its one open link; links are ended, never changed.
CREATE TABLE link (
  id BIGINT PRIMARY KEY, item_id BIGINT NOT NULL REFERENCES item (id), case_id BIGINT NOT NULL REFERENCES cases (id),
  rule TEXT NOT NULL, who TEXT NOT NULL, at BIGINT NOT NULL, ended BIGINT
);
CREATE INDEX link_case ON link (case_id, ended);
CREATE INDEX link_item ON link (item_id, ended);
CREATE TABLE case_reporter (
  case_id BIGINT NOT NULL REFERENCES cases (id), reporter TEXT NOT NULL, complaints BIGINT NOT NULL,
  PRIMARY KEY (case_id, reporter)
);
CREATE TABLE reporter (
  address TEXT PRIMARY KEY, complaints BIGINT NOT NULL, unread BIGINT NOT NULL, proven BIGINT NOT NULL, refuted BIGINT NOT NULL
);
CREATE TABLE note (
  id BIGINT PRIMARY KEY, case_id BIGINT NOT NULL REFERENCES cases (id), at BIGINT NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX note_case ON note (case_id);
CREATE TABLE evidence (
  id BIGINT PRIMARY KEY, case_id BIGINT NOT NULL REFERENCES cases (id), at BIGINT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL,
  host TEXT, sha256 TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX evidence_case ON evidence (case_id);
CREATE TABLE timer (
  case_id BIGINT NOT NULL REFERENCES cases (id), kind TEXT NOT NULL, due BIGINT NOT NULL, fired BIGINT,
  PRIMARY KEY (case_id, kind, due)
);
-- Messages that are filed but perhaps still lie where they came from; a run that was killed is finished from here.
CREATE TABLE arrival (name TEXT PRIMARY KEY);
CREATE TABLE audit (
  id BIGINT PRIMARY KEY, at BIGINT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
  hash TEXT NOT NULL
);
