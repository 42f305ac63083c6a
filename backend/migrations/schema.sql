CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

COMMENT ON EXTENSION unaccent IS 'text search dictionary that removes accents';

CREATE TYPE public.pgqueuer_status AS ENUM (
    'queued',
    'picked',
    'successful',
    'exception',
    'canceled',
    'deleted',
    'failed'
);

CREATE FUNCTION public.audit_refuses_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception 'the audit is only ever added to' using errcode = 'insufficient_privilege';
end $$;

CREATE FUNCTION public.fn_pgqueuer_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch_pgqueuer',
            json_build_object(
                'channel', 'ch_pgqueuer',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$;

CREATE TABLE public.account (
    id uuid NOT NULL,
    handle text,
    pseudonym text,
    pseudonym_skeleton text,
    birth_year smallint,
    country text,
    locale text NOT NULL,
    review_languages text[] NOT NULL,
    email text,
    email_verified_at timestamp with time zone,
    passphrase_hash text,
    recovery_hash bytea,
    door text NOT NULL,
    status text NOT NULL,
    restricted_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    reset_at timestamp with time zone,
    reset_used_at timestamp with time zone,
    erasure_requested_at timestamp with time zone,
    erasure_keeps_statements boolean NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT account_door_known CHECK ((door = ANY (ARRAY['CLASS_CODE'::text, 'OWN'::text]))),
    CONSTRAINT account_handle_lower CHECK ((handle = lower(handle))),
    CONSTRAINT account_status_known CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'ERASURE_REQUESTED'::text, 'ERASED'::text])))
);

CREATE TABLE public.age_rule (
    id uuid NOT NULL,
    country text NOT NULL,
    purpose text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    age smallint NOT NULL,
    CONSTRAINT age_rule_sensible CHECK (((age >= 0) AND (age <= 30)))
);

CREATE TABLE public.appeal (
    id uuid NOT NULL,
    decision_id uuid NOT NULL,
    case_id uuid NOT NULL,
    city_id uuid,
    account_id uuid,
    side text NOT NULL,
    text text,
    state text NOT NULL,
    filed_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    answer text,
    answer_language text
);

CREATE TABLE public.asset (
    id uuid NOT NULL,
    owner_id uuid,
    status text NOT NULL,
    reason text,
    attempts smallint NOT NULL,
    key text NOT NULL,
    is_public boolean NOT NULL,
    is_fixed boolean NOT NULL,
    alt_text text,
    people text,
    kind text,
    width integer,
    height integer,
    placeholder text,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    original_gone_at timestamp with time zone,
    medium text NOT NULL,
    refused_at timestamp with time zone,
    original_sha256 bytea,
    original_size bigint,
    percent smallint,
    sound text,
    recipe smallint,
    CONSTRAINT asset_measured CHECK (((status <> ALL (ARRAY['CLEAN'::text, 'RELEASED'::text, 'REVOKED'::text])) OR ((width > 0) AND (height > 0)))),
    CONSTRAINT asset_medium_known CHECK ((medium = ANY (ARRAY['IMAGE'::text, 'MOVIE'::text]))),
    CONSTRAINT asset_people_known CHECK ((people = ANY (ARRAY['NONE'::text, 'ONLY_ME'::text, 'OTHERS_WITH_PERMISSION'::text]))),
    CONSTRAINT asset_sound_known CHECK ((((medium = 'MOVIE'::text) = (sound IS NOT NULL)) AND (sound = ANY (ARRAY['KEPT'::text, 'REMOVED'::text])))),
    CONSTRAINT asset_status_known CHECK ((status = ANY (ARRAY['REQUESTED'::text, 'UPLOADED'::text, 'SCANNING'::text, 'PROCESSING'::text, 'REJECTED'::text, 'FAILED'::text, 'CLEAN'::text, 'RELEASED'::text, 'REVOKED'::text, 'PURGED'::text])))
);

CREATE TABLE public.asset_blur (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    x double precision NOT NULL,
    y double precision NOT NULL,
    width double precision NOT NULL,
    height double precision NOT NULL
);

CREATE TABLE public.audit_entry (
    id uuid NOT NULL,
    xid bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_key uuid,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid,
    details jsonb NOT NULL
);

CREATE TABLE public.audit_key (
    account_id uuid NOT NULL,
    key uuid NOT NULL
);

CREATE TABLE public.audit_link (
    number bigint NOT NULL,
    entry_id uuid NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.award (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    title jsonb NOT NULL,
    contender_id uuid,
    statement_id uuid,
    given_by uuid NOT NULL,
    given_at timestamp with time zone NOT NULL,
    consent text NOT NULL,
    answered_at timestamp with time zone,
    rescinded_at timestamp with time zone,
    rescind_reason text,
    CONSTRAINT award_of_one CHECK (((contender_id IS NULL) <> (statement_id IS NULL)))
);

CREATE TABLE public.campaign (
    id uuid NOT NULL,
    city_id uuid,
    title jsonb NOT NULL,
    description jsonb NOT NULL,
    prompt jsonb NOT NULL,
    status text NOT NULL,
    zone text NOT NULL,
    course text NOT NULL,
    course_version integer NOT NULL,
    least_age smallint,
    greatest_age smallint,
    created_at timestamp with time zone NOT NULL,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    accent text,
    background text
);

CREATE TABLE public.caption (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    language text NOT NULL,
    direction text NOT NULL,
    text text NOT NULL,
    sha256 text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT caption_direction_known CHECK ((direction = ANY (ARRAY['ltr'::text, 'rtl'::text])))
);

CREATE TABLE public.case_hand (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    account_id uuid NOT NULL
);

CREATE TABLE public.city (
    id uuid NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    zone text NOT NULL,
    safeguarding_hours text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT city_country CHECK ((country = ANY (ARRAY['NO'::text, 'SE'::text, 'DK'::text, 'FI'::text, 'IS'::text])))
);

CREATE TABLE public.class_code (
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    code text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

CREATE TABLE public.class_union (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    class_ids uuid[] NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

CREATE TABLE public.consent (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    purpose text NOT NULL,
    audience text,
    answer text NOT NULL,
    wording text NOT NULL,
    granted_by text NOT NULL,
    legal_basis text NOT NULL,
    guardian_key_id uuid,
    representative_id uuid,
    reason_code text,
    at timestamp with time zone NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    withdrawn_by text,
    CONSTRAINT consent_answer_known CHECK ((answer = ANY (ARRAY['YES'::text, 'NO'::text]))),
    CONSTRAINT consent_audience_known CHECK ((audience = ANY (ARRAY['CLASS'::text, 'SCHOOL'::text, 'CITY'::text, 'SOCIAL'::text]))),
    CONSTRAINT consent_granted_by_known CHECK ((granted_by = ANY (ARRAY['SELF'::text, 'GUARDIAN'::text, 'REPRESENTATIVE'::text])))
);

CREATE TABLE public.contender (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    class_ids uuid[] NOT NULL,
    size smallint NOT NULL,
    authors smallint NOT NULL,
    entered smallint NOT NULL,
    slots smallint NOT NULL,
    lot smallint[] NOT NULL
);

CREATE TABLE public.email_verification (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    email text,
    code_hash bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.entry (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    contender_id uuid NOT NULL,
    number integer NOT NULL,
    slot smallint NOT NULL,
    statement_id uuid NOT NULL,
    is_drawn boolean NOT NULL
);

CREATE TABLE public.entry_choice (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    account_id uuid NOT NULL,
    class_id uuid NOT NULL,
    statement_id uuid,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.frozen_count (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    class_id uuid NOT NULL,
    participants smallint NOT NULL
);

CREATE TABLE public.guardian_key (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    asked text[] NOT NULL,
    asked_by uuid,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    revoked_at timestamp with time zone,
    channel text DEFAULT 'MAIL'::text NOT NULL,
    CONSTRAINT guardian_key_channel_known CHECK ((channel = ANY (ARRAY['SCHOOL'::text, 'MAIL'::text])))
);

CREATE TABLE public.hand (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    voter_id uuid NOT NULL,
    numbers integer[] NOT NULL,
    marked integer[],
    dealt_at timestamp with time zone NOT NULL,
    marked_at timestamp with time zone
);

CREATE TABLE public.job_receipt (
    key text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.jury_duty (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    juror_id uuid NOT NULL,
    assigned_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    revision_id uuid,
    score smallint,
    abstained_for text,
    decided_at timestamp with time zone,
    CONSTRAINT jury_duty_score CHECK ((((state = 'SCORED'::text) = ((score IS NOT NULL) AND (revision_id IS NOT NULL))) AND ((state = 'ABSTAINED'::text) = (abstained_for IS NOT NULL)) AND ((score >= 1) AND (score <= 5))))
);

CREATE TABLE public.known_address (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    address_hash bytea NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE public.lesson_completion (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    course text NOT NULL,
    course_version integer NOT NULL,
    lesson text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.migration (
    id integer NOT NULL,
    name character varying(200) DEFAULT ''::character varying NOT NULL,
    app_name character varying(200) DEFAULT ''::character varying NOT NULL,
    ran_on timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE SEQUENCE public.migration_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.migration_id_seq OWNED BY public.migration.id;

CREATE TABLE public.moderation_case (
    id uuid NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    author_id uuid,
    city_id uuid,
    school_id uuid,
    class_id uuid,
    campaign_id uuid,
    zone text NOT NULL,
    cycle integer NOT NULL,
    revision_id uuid NOT NULL,
    version integer NOT NULL,
    review_open boolean NOT NULL,
    keys integer NOT NULL,
    language text NOT NULL,
    translations text[] NOT NULL,
    skip_teacher boolean NOT NULL,
    is_held boolean NOT NULL,
    tags text[] NOT NULL,
    reported_revision_id uuid,
    reported_version integer,
    is_hidden boolean NOT NULL,
    reopened boolean NOT NULL,
    state text NOT NULL,
    severity integer NOT NULL,
    reports integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    rank_at timestamp with time zone NOT NULL,
    queue_from timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    concern text,
    claimed_by uuid,
    claim_hash bytea,
    claim_until timestamp with time zone,
    closed_at timestamp with time zone,
    sealed_at timestamp with time zone,
    passed_on_at timestamp with time zone
);

CREATE TABLE public.moderation_decision (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    cycle integer NOT NULL,
    revision_id uuid NOT NULL,
    version integer NOT NULL,
    verdict text NOT NULL,
    is_final boolean NOT NULL,
    hand text NOT NULL,
    decided_by uuid,
    is_authors_teacher boolean NOT NULL,
    language_read text,
    reason text,
    words text,
    words_language text,
    appeal_id uuid,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.notice (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    params jsonb NOT NULL,
    subject_kind text,
    subject_id uuid,
    at timestamp with time zone NOT NULL,
    read_at timestamp with time zone
);

CREATE TABLE public.old_rendition (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    format text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    is_readable boolean NOT NULL,
    replaced_at timestamp with time zone NOT NULL
);

CREATE TABLE public.outgoing_mail (
    id uuid NOT NULL,
    recipient text,
    kind text NOT NULL,
    locale text NOT NULL,
    params jsonb,
    at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    sent_at timestamp with time zone
);

CREATE TABLE public.pgqueuer (
    id bigint NOT NULL,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    execute_after timestamp with time zone DEFAULT now() NOT NULL,
    status public.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    slot bigint
);

CREATE SEQUENCE public.pgqueuer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.pgqueuer_id_seq OWNED BY public.pgqueuer.id;

CREATE TABLE public.pgqueuer_log (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    job_id bigint NOT NULL,
    status public.pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

ALTER TABLE public.pgqueuer_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.pgqueuer_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pgqueuer_schedules (
    id bigint NOT NULL,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    next_run timestamp with time zone DEFAULT now() NOT NULL,
    last_run timestamp with time zone,
    status public.pgqueuer_status DEFAULT 'queued'::public.pgqueuer_status
);

CREATE SEQUENCE public.pgqueuer_schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.pgqueuer_schedules_id_seq OWNED BY public.pgqueuer_schedules.id;

CREATE TABLE public.pgqueuer_statistics (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT date_trunc('sec'::text, now()) NOT NULL,
    count bigint NOT NULL,
    priority integer NOT NULL,
    status public.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE SEQUENCE public.pgqueuer_statistics_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.pgqueuer_statistics_id_seq OWNED BY public.pgqueuer_statistics.id;

CREATE TABLE public.picture_fingerprint (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    coarse bigint[] NOT NULL,
    fine bigint[] NOT NULL,
    colour bigint[] NOT NULL,
    square bytea NOT NULL
);

CREATE TABLE public.public_copy (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    sha256 text NOT NULL,
    format text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    copied_at timestamp with time zone
);

CREATE TABLE public.quiz_attempt (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    course text NOT NULL,
    course_version integer NOT NULL,
    score smallint NOT NULL,
    passed boolean NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE UNLOGGED TABLE public.rate_bucket (
    key text NOT NULL,
    tokens double precision NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.reflection (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    account_id uuid NOT NULL,
    class_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.removed_look (
    id uuid NOT NULL,
    picture_id uuid NOT NULL,
    coarse bigint NOT NULL,
    fine bigint NOT NULL,
    colour bigint NOT NULL
);

CREATE TABLE public.removed_picture (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    removed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.rendition (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    format text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    has_sound boolean,
    seconds double precision
);

CREATE TABLE public.repeat (
    viewer_key text NOT NULL,
    client_key text NOT NULL,
    operation text NOT NULL,
    result_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL
);

CREATE TABLE public.revision (
    id uuid NOT NULL,
    statement_id uuid NOT NULL,
    number integer NOT NULL,
    version integer NOT NULL,
    text text NOT NULL,
    language text NOT NULL,
    direction text NOT NULL,
    audience text NOT NULL,
    review text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone,
    shown_as text DEFAULT 'PSEUDONYM'::text NOT NULL,
    topic_id uuid
);

CREATE TABLE public.revision_asset (
    id uuid NOT NULL,
    revision_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    "position" smallint NOT NULL
);

CREATE TABLE public.revision_translation (
    id uuid NOT NULL,
    revision_id uuid NOT NULL,
    language text NOT NULL,
    direction text NOT NULL,
    text text NOT NULL,
    maker text NOT NULL,
    made_by uuid
);

CREATE TABLE public.role_grant (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid,
    granted_by uuid,
    granted_at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    revoked_at timestamp with time zone,
    revoked_by uuid,
    CONSTRAINT role_grant_scope CHECK (((scope_kind = 'NETWORK'::text) = (scope_id IS NULL)))
);

CREATE TABLE public.round (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    origin text NOT NULL,
    prompt jsonb NOT NULL,
    questions jsonb NOT NULL,
    vocabulary jsonb NOT NULL,
    topic_id uuid,
    quality_weight smallint NOT NULL,
    participation_weight smallint NOT NULL,
    voices_weight smallint NOT NULL,
    seed bytea NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    freezes_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    judging_starts_at timestamp with time zone NOT NULL,
    judging_ends_at timestamp with time zone NOT NULL,
    paused_at timestamp with time zone,
    drawn_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    confirmed_by uuid,
    announces_at timestamp with time zone,
    voided_at timestamp with time zone,
    void_reason text,
    told_at timestamp with time zone,
    trimmed_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    frozen_at timestamp with time zone,
    editors_told_at timestamp with time zone,
    jury_short_told_at timestamp with time zone,
    CONSTRAINT round_times CHECK (((opens_at < closes_at) AND ((freezes_at >= opens_at) AND (freezes_at <= closes_at)) AND (closes_at <= judging_starts_at) AND (judging_starts_at < judging_ends_at))),
    CONSTRAINT round_weights CHECK (((LEAST(quality_weight, participation_weight, voices_weight) >= 0) AND (((quality_weight + participation_weight) + voices_weight) = 100)))
);

CREATE TABLE public.school (
    id uuid NOT NULL,
    city_id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.school_class (
    id uuid NOT NULL,
    school_id uuid NOT NULL,
    name text NOT NULL,
    school_year text NOT NULL,
    locale text NOT NULL,
    declared_enrolment integer NOT NULL,
    capacity integer NOT NULL,
    closes_on date,
    created_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    erased_at timestamp with time zone,
    CONSTRAINT school_class_capacity CHECK (((capacity >= 1) AND (capacity <= 1000))),
    CONSTRAINT school_class_enrolment CHECK (((declared_enrolment >= 1) AND (declared_enrolment <= 1000)))
);

CREATE TABLE public.seat (
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    account_id uuid NOT NULL,
    status text NOT NULL,
    card_batch_id uuid,
    joined_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    confirmed_by uuid,
    ended_at timestamp with time zone,
    ended_by uuid,
    end_reason text,
    CONSTRAINT seat_status CHECK ((status = ANY (ARRAY['PENDING'::text, 'CONFIRMED'::text, 'REMOVED'::text, 'LEFT'::text])))
);

CREATE TABLE public.session (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    kind text NOT NULL,
    device text,
    created_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    idle_seconds integer NOT NULL,
    idle_until timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    second_factor_at timestamp with time zone,
    after_reset_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT session_kind_known CHECK ((kind = ANY (ARRAY['PERSONAL'::text, 'SHARED'::text])))
);

CREATE TABLE public.share_card (
    id uuid NOT NULL,
    statement_id uuid NOT NULL,
    revision_id uuid NOT NULL,
    asked_by uuid,
    excerpt text,
    shape text,
    status text NOT NULL,
    reason text,
    detail text,
    attempts smallint NOT NULL,
    alt_text text,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    fetched_at timestamp with time zone,
    takedown_id uuid,
    CONSTRAINT share_card_status_known CHECK ((status = ANY (ARRAY['WAITING'::text, 'READY'::text, 'FAILED'::text, 'GONE'::text])))
);

CREATE TABLE public.shared_file (
    id uuid NOT NULL,
    card_id uuid,
    export_id uuid,
    format text NOT NULL,
    shape text,
    width integer,
    height integer,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT shared_file_of_one CHECK (((card_id IS NULL) <> (export_id IS NULL)))
);

CREATE TABLE public.sign_in_failure (
    id uuid NOT NULL,
    key text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.social_export (
    id uuid NOT NULL,
    statement_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    revision_id uuid NOT NULL,
    made_by uuid,
    status text NOT NULL,
    reason text,
    attempts smallint NOT NULL,
    links jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    takedown_id uuid,
    CONSTRAINT social_export_status_known CHECK ((status = ANY (ARRAY['WAITING'::text, 'READY'::text, 'FAILED'::text, 'GONE'::text])))
);

CREATE TABLE public.standing (
    id uuid NOT NULL,
    round_id uuid NOT NULL,
    place integer NOT NULL,
    rank integer,
    unranked_for text,
    participants smallint NOT NULL,
    counted smallint NOT NULL,
    alive integer NOT NULL,
    best text[],
    marks integer NOT NULL,
    dealt_sixths integer NOT NULL,
    quality text,
    participation text NOT NULL,
    voices text NOT NULL,
    score text,
    readable integer DEFAULT 0 NOT NULL,
    CONSTRAINT standing_ranked CHECK (((rank IS NULL) = (unranked_for IS NOT NULL)))
);

CREATE TABLE public.statement (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    topic_id uuid,
    author_id uuid,
    shown_as text NOT NULL,
    class_id uuid,
    school_id uuid,
    city_id uuid,
    audience text NOT NULL,
    skips_teacher boolean NOT NULL,
    in_reply_to uuid,
    visibility text NOT NULL,
    latest_revision_id uuid NOT NULL,
    published_revision_id uuid,
    published_language text,
    search_text text,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    published_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    author_left_at timestamp with time zone,
    search tsvector,
    CONSTRAINT known_audience CHECK ((audience = ANY (ARRAY['CLASS'::text, 'SCHOOL'::text, 'CITY'::text, 'SOCIAL'::text]))),
    CONSTRAINT published_has_revision CHECK (((visibility <> 'PUBLISHED'::text) OR ((published_revision_id IS NOT NULL) AND (published_at IS NOT NULL))))
);

CREATE TABLE public.statement_of_reasons (
    id uuid NOT NULL,
    decision_id uuid NOT NULL,
    account_id uuid,
    restriction text NOT NULL,
    reason text NOT NULL,
    facts text,
    facts_language text,
    automated boolean NOT NULL,
    appeal_until timestamp with time zone,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.subject_report (
    id uuid NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    revision_id uuid NOT NULL,
    reporter_id uuid,
    class_id uuid,
    hand text,
    category text NOT NULL,
    note text,
    at timestamp with time zone NOT NULL,
    outcome text,
    decision_id uuid,
    decided_at timestamp with time zone
);

CREATE TABLE public.support (
    id uuid NOT NULL,
    statement_id uuid NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.takedown (
    id uuid NOT NULL,
    statement_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    reason text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    reminded_at timestamp with time zone,
    overdue_told_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    confirmed_by uuid,
    note text,
    lapsed_at timestamp with time zone
);

CREATE TABLE public.topic (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    name jsonb NOT NULL,
    "position" smallint NOT NULL
);

CREATE TABLE public.topic_proposal (
    id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    proposer_id uuid,
    class_id uuid,
    school_id uuid,
    city_id uuid,
    name text NOT NULL,
    why text NOT NULL,
    language text NOT NULL,
    state text NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    shown_at timestamp with time zone,
    answer text,
    reason jsonb,
    topic_id uuid,
    answered_at timestamp with time zone,
    answered_by uuid,
    reminded_at timestamp with time zone,
    proposer_left_at timestamp with time zone,
    CONSTRAINT topic_proposal_answer CHECK ((((answer IS NULL) = (answered_at IS NULL)) AND ((answer IS NOT NULL) OR (topic_id IS NULL)) AND ((answer IS DISTINCT FROM 'CHOSEN'::text) OR (topic_id IS NOT NULL)) AND ((answer IS DISTINCT FROM 'DECLINED'::text) OR ((topic_id IS NULL) AND (reason IS NOT NULL))))),
    CONSTRAINT topic_proposal_state CHECK (((state = ANY (ARRAY['WAITING'::text, 'RETURNED'::text, 'REJECTED'::text, 'SHOWN'::text, 'HIDDEN'::text, 'REMOVED'::text, 'WITHDRAWN'::text])) AND ((state <> ALL (ARRAY['SHOWN'::text, 'HIDDEN'::text, 'REMOVED'::text])) OR (shown_at IS NOT NULL))))
);

CREATE TABLE public.topic_support (
    id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.totp (
    account_id uuid NOT NULL,
    secret_sealed bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint NOT NULL
);

CREATE TABLE public.totp_recovery (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.upload (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    content_type text NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone,
    finalised_at timestamp with time zone,
    multipart text,
    part_bytes integer,
    CONSTRAINT upload_part_bytes_positive CHECK ((part_bytes > 0)),
    CONSTRAINT upload_size_positive CHECK ((size > 0))
);

CREATE TABLE public.upload_part (
    id uuid NOT NULL,
    upload_id uuid NOT NULL,
    number smallint NOT NULL,
    size integer NOT NULL,
    sha256 bytea NOT NULL,
    received_at timestamp with time zone,
    CONSTRAINT upload_part_counted CHECK (((number > 0) AND (size > 0)))
);

CREATE TABLE public.voice_deck (
    round_id uuid NOT NULL,
    contender_ids uuid[] NOT NULL,
    first_numbers integer[] NOT NULL,
    sizes integer[] NOT NULL,
    dealt integer[] NOT NULL
);

CREATE TABLE public.weekly_plan (
    campaign_id uuid NOT NULL,
    opens_day smallint NOT NULL,
    opens_time text NOT NULL,
    closes_day smallint NOT NULL,
    closes_time text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    holidays jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.migration ALTER COLUMN id SET DEFAULT nextval('public.migration_id_seq'::regclass);

ALTER TABLE ONLY public.pgqueuer ALTER COLUMN id SET DEFAULT nextval('public.pgqueuer_id_seq'::regclass);

ALTER TABLE ONLY public.pgqueuer_schedules ALTER COLUMN id SET DEFAULT nextval('public.pgqueuer_schedules_id_seq'::regclass);

ALTER TABLE ONLY public.pgqueuer_statistics ALTER COLUMN id SET DEFAULT nextval('public.pgqueuer_statistics_id_seq'::regclass);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_handle_key UNIQUE (handle);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.age_rule
    ADD CONSTRAINT age_rule_once UNIQUE (country, purpose, valid_from);

ALTER TABLE ONLY public.age_rule
    ADD CONSTRAINT age_rule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.appeal
    ADD CONSTRAINT appeal_decision_id_key UNIQUE (decision_id);

ALTER TABLE ONLY public.appeal
    ADD CONSTRAINT appeal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.asset_blur
    ADD CONSTRAINT asset_blur_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.asset
    ADD CONSTRAINT asset_key_key UNIQUE (key);

ALTER TABLE ONLY public.asset
    ADD CONSTRAINT asset_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.revision_asset
    ADD CONSTRAINT asset_position UNIQUE (revision_id, "position");

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_key
    ADD CONSTRAINT audit_key_key_key UNIQUE (key);

ALTER TABLE ONLY public.audit_key
    ADD CONSTRAINT audit_key_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.audit_link
    ADD CONSTRAINT audit_link_entry_id_key UNIQUE (entry_id);

ALTER TABLE ONLY public.audit_link
    ADD CONSTRAINT audit_link_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.award
    ADD CONSTRAINT award_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaign
    ADD CONSTRAINT campaign_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.caption
    ADD CONSTRAINT caption_once_a_language UNIQUE (asset_id, language);

ALTER TABLE ONLY public.caption
    ADD CONSTRAINT caption_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.case_hand
    ADD CONSTRAINT case_hand_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.city
    ADD CONSTRAINT city_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.class_code
    ADD CONSTRAINT class_code_code_key UNIQUE (code);

ALTER TABLE ONLY public.class_code
    ADD CONSTRAINT class_code_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.class_union
    ADD CONSTRAINT class_union_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contender
    ADD CONSTRAINT contender_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.email_verification
    ADD CONSTRAINT email_verification_code_hash_key UNIQUE (code_hash);

ALTER TABLE ONLY public.email_verification
    ADD CONSTRAINT email_verification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.entry_choice
    ADD CONSTRAINT entry_choice_once UNIQUE (round_id, account_id, class_id);

ALTER TABLE ONLY public.entry_choice
    ADD CONSTRAINT entry_choice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_number UNIQUE (round_id, number);

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.frozen_count
    ADD CONSTRAINT frozen_count_once UNIQUE (round_id, class_id);

ALTER TABLE ONLY public.frozen_count
    ADD CONSTRAINT frozen_count_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.guardian_key
    ADD CONSTRAINT guardian_key_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.guardian_key
    ADD CONSTRAINT guardian_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hand
    ADD CONSTRAINT hand_once UNIQUE (round_id, voter_id);

ALTER TABLE ONLY public.hand
    ADD CONSTRAINT hand_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_receipt
    ADD CONSTRAINT job_receipt_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.jury_duty
    ADD CONSTRAINT jury_duty_once UNIQUE (entry_id, juror_id);

ALTER TABLE ONLY public.jury_duty
    ADD CONSTRAINT jury_duty_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.known_address
    ADD CONSTRAINT known_address_once UNIQUE (account_id, address_hash);

ALTER TABLE ONLY public.known_address
    ADD CONSTRAINT known_address_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lesson_completion
    ADD CONSTRAINT lesson_completion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lesson_completion
    ADD CONSTRAINT lesson_once UNIQUE (account_id, course, course_version, lesson);

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.moderation_case
    ADD CONSTRAINT moderation_case_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.moderation_decision
    ADD CONSTRAINT moderation_decision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.old_rendition
    ADD CONSTRAINT old_rendition_once UNIQUE (asset_id, sha256);

ALTER TABLE ONLY public.old_rendition
    ADD CONSTRAINT old_rendition_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.moderation_case
    ADD CONSTRAINT one_case_a_subject UNIQUE (subject_kind, subject_id);

ALTER TABLE ONLY public.case_hand
    ADD CONSTRAINT one_hand_a_person UNIQUE (case_id, account_id);

ALTER TABLE ONLY public.subject_report
    ADD CONSTRAINT one_report_a_person UNIQUE (subject_kind, subject_id, revision_id, reporter_id);

ALTER TABLE ONLY public.outgoing_mail
    ADD CONSTRAINT outgoing_mail_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pgqueuer_log
    ADD CONSTRAINT pgqueuer_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pgqueuer
    ADD CONSTRAINT pgqueuer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pgqueuer_schedules
    ADD CONSTRAINT pgqueuer_schedules_expression_entrypoint_key UNIQUE (expression, entrypoint);

ALTER TABLE ONLY public.pgqueuer_schedules
    ADD CONSTRAINT pgqueuer_schedules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pgqueuer_statistics
    ADD CONSTRAINT pgqueuer_statistics_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.picture_fingerprint
    ADD CONSTRAINT picture_fingerprint_asset_id_key UNIQUE (asset_id);

ALTER TABLE ONLY public.picture_fingerprint
    ADD CONSTRAINT picture_fingerprint_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.public_copy
    ADD CONSTRAINT public_copy_once UNIQUE (asset_id, sha256);

ALTER TABLE ONLY public.public_copy
    ADD CONSTRAINT public_copy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.quiz_attempt
    ADD CONSTRAINT quiz_attempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rate_bucket
    ADD CONSTRAINT rate_bucket_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.reflection
    ADD CONSTRAINT reflection_once UNIQUE (round_id, account_id, class_id);

ALTER TABLE ONLY public.reflection
    ADD CONSTRAINT reflection_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.removed_look
    ADD CONSTRAINT removed_look_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.removed_picture
    ADD CONSTRAINT removed_picture_asset_id_key UNIQUE (asset_id);

ALTER TABLE ONLY public.removed_picture
    ADD CONSTRAINT removed_picture_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rendition
    ADD CONSTRAINT rendition_once UNIQUE (asset_id, sha256);

ALTER TABLE ONLY public.rendition
    ADD CONSTRAINT rendition_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.repeat
    ADD CONSTRAINT repeat_once UNIQUE (viewer_key, client_key);

ALTER TABLE ONLY public.repeat
    ADD CONSTRAINT repeat_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.revision_asset
    ADD CONSTRAINT revision_asset_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_number UNIQUE (statement_id, number);

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.revision_translation
    ADD CONSTRAINT revision_translation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.round
    ADD CONSTRAINT round_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.school_class
    ADD CONSTRAINT school_class_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.school
    ADD CONSTRAINT school_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.seat
    ADD CONSTRAINT seat_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.share_card
    ADD CONSTRAINT share_card_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.shared_file
    ADD CONSTRAINT shared_file_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in_failure
    ADD CONSTRAINT sign_in_failure_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.social_export
    ADD CONSTRAINT social_export_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.standing
    ADD CONSTRAINT standing_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.statement_of_reasons
    ADD CONSTRAINT statement_of_reasons_decision_id_key UNIQUE (decision_id);

ALTER TABLE ONLY public.statement_of_reasons
    ADD CONSTRAINT statement_of_reasons_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.statement
    ADD CONSTRAINT statement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.subject_report
    ADD CONSTRAINT subject_report_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.support
    ADD CONSTRAINT support_once UNIQUE (statement_id, account_id);

ALTER TABLE ONLY public.support
    ADD CONSTRAINT support_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.takedown
    ADD CONSTRAINT takedown_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.topic
    ADD CONSTRAINT topic_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.topic
    ADD CONSTRAINT topic_position UNIQUE (campaign_id, "position");

ALTER TABLE ONLY public.topic_proposal
    ADD CONSTRAINT topic_proposal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.topic_support
    ADD CONSTRAINT topic_support_once UNIQUE (proposal_id, account_id);

ALTER TABLE ONLY public.topic_support
    ADD CONSTRAINT topic_support_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.totp_recovery
    ADD CONSTRAINT totp_recovery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.revision_translation
    ADD CONSTRAINT translation_language UNIQUE (revision_id, language);

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_asset_id_key UNIQUE (asset_id);

ALTER TABLE ONLY public.upload_part
    ADD CONSTRAINT upload_part_once UNIQUE (upload_id, number);

ALTER TABLE ONLY public.upload_part
    ADD CONSTRAINT upload_part_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.voice_deck
    ADD CONSTRAINT voice_deck_pkey PRIMARY KEY (round_id);

ALTER TABLE ONLY public.weekly_plan
    ADD CONSTRAINT weekly_plan_pkey PRIMARY KEY (campaign_id);

CREATE INDEX account_erasure_requested_at ON public.account USING btree (erasure_requested_at);

CREATE INDEX account_pseudonym_skeleton ON public.account USING btree (pseudonym_skeleton);

CREATE INDEX appeal_account_id ON public.appeal USING btree (account_id);

CREATE INDEX appeal_case_id ON public.appeal USING btree (case_id);

CREATE INDEX appeal_queue ON public.appeal USING btree (filed_at, id) WHERE (decided_at IS NULL);

CREATE INDEX asset_blur_asset_id ON public.asset_blur USING btree (asset_id);

CREATE INDEX asset_changed_at ON public.asset USING btree (changed_at);

CREATE INDEX asset_owner_id ON public.asset USING btree (owner_id);

CREATE INDEX audit_entry_at ON public.audit_entry USING btree (at);

CREATE INDEX audit_entry_subject_id ON public.audit_entry USING btree (subject_id);

CREATE UNIQUE INDEX award_once_statement ON public.award USING btree (round_id, statement_id) WHERE (rescinded_at IS NULL);

CREATE INDEX award_round_id ON public.award USING btree (round_id);

CREATE INDEX award_statement_id ON public.award USING btree (statement_id);

CREATE INDEX campaign_city_id ON public.campaign USING btree (city_id);

CREATE INDEX campaign_newest ON public.campaign USING btree (created_at, id);

CREATE INDEX city_newest ON public.city USING btree (created_at, id);

CREATE INDEX class_code_class_id ON public.class_code USING btree (class_id);

CREATE UNIQUE INDEX class_code_running ON public.class_code USING btree (class_id) WHERE (revoked_at IS NULL);

CREATE INDEX class_union_campaign_id ON public.class_union USING btree (campaign_id);

CREATE INDEX class_union_live ON public.class_union USING btree (campaign_id) WHERE (ended_at IS NULL);

CREATE INDEX consent_account_id ON public.consent USING btree (account_id);

CREATE UNIQUE INDEX consent_running ON public.consent USING btree (account_id, purpose, audience, granted_by) NULLS NOT DISTINCT WHERE (withdrawn_at IS NULL);

CREATE INDEX contender_round_id ON public.contender USING btree (round_id);

CREATE INDEX email_verification_account_id ON public.email_verification USING btree (account_id);

CREATE INDEX email_verification_expires_at ON public.email_verification USING btree (expires_at);

CREATE INDEX entry_choice_account_id ON public.entry_choice USING btree (account_id);

CREATE INDEX entry_contender_id ON public.entry USING btree (contender_id);

CREATE INDEX entry_of_statement ON public.entry USING btree (statement_id);

CREATE INDEX guardian_key_account_id ON public.guardian_key USING btree (account_id);

CREATE INDEX hand_voter_id ON public.hand USING btree (voter_id);

CREATE INDEX job_receipt_at ON public.job_receipt USING btree (at);

CREATE INDEX jury_duty_juror_id ON public.jury_duty USING btree (juror_id);

CREATE INDEX jury_duty_round_id ON public.jury_duty USING btree (round_id);

CREATE INDEX known_address_last_at ON public.known_address USING btree (last_at);

CREATE INDEX moderation_case_author_id ON public.moderation_case USING btree (author_id);

CREATE INDEX moderation_case_city_queue ON public.moderation_case USING btree (city_id, rank_at, id) WHERE (closed_at IS NULL);

CREATE INDEX moderation_case_class_queue ON public.moderation_case USING btree (class_id, opened_at, id) WHERE review_open;

CREATE INDEX moderation_case_queue ON public.moderation_case USING btree (rank_at, id) WHERE (closed_at IS NULL);

CREATE INDEX moderation_decision_case_id ON public.moderation_decision USING btree (case_id);

CREATE INDEX notice_account_id ON public.notice USING btree (account_id);

CREATE INDEX notice_newest ON public.notice USING btree (account_id, at, id);

CREATE UNIQUE INDEX one_key_a_person ON public.moderation_decision USING btree (case_id, cycle, decided_by) WHERE ((verdict = 'APPROVE'::text) AND (decided_by IS NOT NULL));

CREATE INDEX outgoing_mail_at ON public.outgoing_mail USING btree (at);

CREATE INDEX pgqueuer_ep_ea_idx ON public.pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::public.pgqueuer_status);

CREATE INDEX pgqueuer_ep_prio_id_idx ON public.pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::public.pgqueuer_status);

CREATE INDEX pgqueuer_log_created ON public.pgqueuer_log USING btree (created);

CREATE INDEX pgqueuer_log_job_id_status ON public.pgqueuer_log USING btree (job_id, created DESC);

CREATE INDEX pgqueuer_log_not_aggregated ON public.pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX pgqueuer_log_status ON public.pgqueuer_log USING btree (status);

CREATE INDEX pgqueuer_picked_heartbeat_idx ON public.pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::public.pgqueuer_status);

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON public.pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::public.pgqueuer_status) AND (slot IS NOT NULL));

CREATE INDEX pgqueuer_priority_id_id1_idx ON public.pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::public.pgqueuer_status);

CREATE INDEX pgqueuer_queue_manager_id_idx ON public.pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON public.pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON public.pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::public.pgqueuer_status, 'picked'::public.pgqueuer_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX pgqueuer_updated_id_id1_idx ON public.pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::public.pgqueuer_status);

CREATE INDEX public_copy_open ON public.public_copy USING btree (asset_id) WHERE (copied_at IS NULL);

CREATE INDEX quiz_attempt_account_id ON public.quiz_attempt USING btree (account_id);

CREATE INDEX rate_bucket_at ON public.rate_bucket USING btree (at);

CREATE INDEX reflection_account_id ON public.reflection USING btree (account_id);

CREATE INDEX removed_look_first ON public.removed_look USING btree ((((coarse >> 48) & (65535)::bigint)));

CREATE INDEX removed_look_fourth ON public.removed_look USING btree (((coarse & (65535)::bigint)));

CREATE INDEX removed_look_picture_id ON public.removed_look USING btree (picture_id);

CREATE INDEX removed_look_second ON public.removed_look USING btree ((((coarse >> 32) & (65535)::bigint)));

CREATE INDEX removed_look_third ON public.removed_look USING btree ((((coarse >> 16) & (65535)::bigint)));

CREATE INDEX removed_picture_removed_at ON public.removed_picture USING btree (removed_at);

CREATE INDEX repeat_at ON public.repeat USING btree (at);

CREATE INDEX revision_asset_asset_id ON public.revision_asset USING btree (asset_id);

CREATE INDEX revision_submitted ON public.revision USING btree (submitted_at) WHERE (submitted_at IS NOT NULL);

CREATE INDEX revision_topic ON public.revision USING btree (topic_id) WHERE (topic_id IS NOT NULL);

CREATE INDEX role_grant_account_id ON public.role_grant USING btree (account_id);

CREATE UNIQUE INDEX role_grant_running ON public.role_grant USING btree (account_id, role, scope_kind, scope_id) NULLS NOT DISTINCT WHERE (revoked_at IS NULL);

CREATE INDEX role_grant_scope_id ON public.role_grant USING btree (scope_id);

CREATE INDEX role_grant_scope_running ON public.role_grant USING btree (scope_kind, scope_id, granted_at, id) WHERE (revoked_at IS NULL);

CREATE INDEX round_campaign_id ON public.round USING btree (campaign_id);

CREATE INDEX round_due ON public.round USING btree (judging_starts_at) WHERE ((drawn_at IS NULL) AND (voided_at IS NULL));

CREATE INDEX round_newest ON public.round USING btree (campaign_id, opens_at, id);

CREATE INDEX round_topic ON public.round USING btree (topic_id) WHERE (topic_id IS NOT NULL);

CREATE INDEX school_city_id ON public.school USING btree (city_id);

CREATE INDEX school_class_newest ON public.school_class USING btree (school_id, created_at, id);

CREATE INDEX school_class_retention ON public.school_class USING btree (closed_at) WHERE (erased_at IS NULL);

CREATE INDEX school_class_school_id ON public.school_class USING btree (school_id);

CREATE INDEX school_newest ON public.school USING btree (city_id, created_at, id);

CREATE INDEX seat_account_id ON public.seat USING btree (account_id);

CREATE INDEX seat_card_batch_id ON public.seat USING btree (card_batch_id);

CREATE INDEX seat_class_id ON public.seat USING btree (class_id);

CREATE UNIQUE INDEX seat_live_account ON public.seat USING btree (class_id, account_id) WHERE (status = ANY (ARRAY['PENDING'::text, 'CONFIRMED'::text]));

CREATE INDEX seat_roster ON public.seat USING btree (class_id, status, joined_at, id);

CREATE INDEX session_account_id ON public.session USING btree (account_id);

CREATE INDEX session_ends_at ON public.session USING btree (ends_at);

CREATE INDEX session_newest ON public.session USING btree (account_id, created_at, id) WHERE (revoked_at IS NULL);

CREATE INDEX share_card_asked_by ON public.share_card USING btree (asked_by);

CREATE INDEX share_card_listed ON public.share_card USING btree (statement_id, created_at, id);

CREATE INDEX shared_file_of_card ON public.shared_file USING btree (card_id) WHERE (card_id IS NOT NULL);

CREATE INDEX shared_file_of_export ON public.shared_file USING btree (export_id) WHERE (export_id IS NOT NULL);

CREATE INDEX sign_in_failure_at ON public.sign_in_failure USING btree (at);

CREATE INDEX sign_in_failure_key ON public.sign_in_failure USING btree (key);

CREATE INDEX sign_in_failure_recent ON public.sign_in_failure USING btree (key, at);

CREATE INDEX social_export_listed ON public.social_export USING btree (campaign_id, created_at, id);

CREATE INDEX social_export_made_by ON public.social_export USING btree (made_by);

CREATE INDEX social_export_of_statement ON public.social_export USING btree (statement_id);

CREATE INDEX standing_place ON public.standing USING btree (round_id, place);

CREATE INDEX standing_round_id ON public.standing USING btree (round_id);

CREATE INDEX statement_fuzzy ON public.statement USING gin (search_text public.gin_trgm_ops) WHERE (visibility = 'PUBLISHED'::text);

CREATE INDEX statement_in_reply_to ON public.statement USING btree (in_reply_to);

CREATE INDEX statement_of_class ON public.statement USING btree (class_id, published_at, id) WHERE ((visibility = 'PUBLISHED'::text) AND (audience = 'CLASS'::text));

CREATE INDEX statement_of_reasons_account_id ON public.statement_of_reasons USING btree (account_id);

CREATE INDEX statement_of_school ON public.statement USING btree (school_id, published_at, id) WHERE ((visibility = 'PUBLISHED'::text) AND (audience = 'SCHOOL'::text));

CREATE INDEX statement_own ON public.statement USING btree (author_id, created_at, id);

CREATE INDEX statement_public ON public.statement USING btree (published_at, id) WHERE ((visibility = 'PUBLISHED'::text) AND (audience = ANY (ARRAY['CITY'::text, 'SOCIAL'::text])));

CREATE INDEX statement_public_campaign ON public.statement USING btree (campaign_id, published_at, id) WHERE ((visibility = 'PUBLISHED'::text) AND (audience = ANY (ARRAY['CITY'::text, 'SOCIAL'::text])));

CREATE INDEX statement_public_city ON public.statement USING btree (city_id, published_at, id) WHERE ((visibility = 'PUBLISHED'::text) AND (audience = ANY (ARRAY['CITY'::text, 'SOCIAL'::text])));

CREATE INDEX statement_public_class ON public.statement USING btree (class_id, published_at, id) WHERE ((visibility = 'PUBLISHED'::text) AND (audience = ANY (ARRAY['CITY'::text, 'SOCIAL'::text])));

CREATE INDEX statement_public_language ON public.statement USING btree (published_language, published_at, id) WHERE ((visibility = 'PUBLISHED'::text) AND (audience = ANY (ARRAY['CITY'::text, 'SOCIAL'::text])));

CREATE INDEX statement_public_topic ON public.statement USING btree (topic_id, published_at, id) WHERE ((visibility = 'PUBLISHED'::text) AND (audience = ANY (ARRAY['CITY'::text, 'SOCIAL'::text])));

CREATE INDEX statement_search ON public.statement USING gin (search) WHERE (visibility = 'PUBLISHED'::text);

CREATE INDEX subject_report_decision_id ON public.subject_report USING btree (decision_id);

CREATE INDEX subject_report_reporter_id ON public.subject_report USING btree (reporter_id);

CREATE INDEX support_account_id ON public.support USING btree (account_id);

CREATE INDEX takedown_confirmed_by ON public.takedown USING btree (confirmed_by);

CREATE INDEX takedown_listed ON public.takedown USING btree (campaign_id, opened_at, id);

CREATE UNIQUE INDEX takedown_open ON public.takedown USING btree (statement_id) WHERE ((confirmed_at IS NULL) AND (lapsed_at IS NULL));

CREATE INDEX topic_proposal_answered_by ON public.topic_proposal USING btree (answered_by) WHERE (answered_by IS NOT NULL);

CREATE INDEX topic_proposal_due ON public.topic_proposal USING btree (shown_at) WHERE ((state = 'SHOWN'::text) AND (answer IS NULL) AND (reminded_at IS NULL));

CREATE INDEX topic_proposal_newest ON public.topic_proposal USING btree (campaign_id, proposed_at, id);

CREATE INDEX topic_proposal_own ON public.topic_proposal USING btree (proposer_id, campaign_id) WHERE (proposer_id IS NOT NULL);

CREATE INDEX topic_support_account_id ON public.topic_support USING btree (account_id);

CREATE INDEX totp_recovery_account_id ON public.totp_recovery USING btree (account_id);

CREATE INDEX upload_expires_at ON public.upload USING btree (expires_at);

CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuses_change();

CREATE TRIGGER audit_entry_stays BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION public.audit_refuses_change();

CREATE TRIGGER audit_link_is_kept BEFORE TRUNCATE ON public.audit_link FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuses_change();

CREATE TRIGGER audit_link_stays BEFORE DELETE OR UPDATE ON public.audit_link FOR EACH ROW EXECUTE FUNCTION public.audit_refuses_change();

CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.pgqueuer FOR EACH STATEMENT EXECUTE FUNCTION public.fn_pgqueuer_changed();

ALTER TABLE ONLY public.appeal
    ADD CONSTRAINT appeal_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.moderation_case(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.appeal
    ADD CONSTRAINT appeal_decision_id_fkey FOREIGN KEY (decision_id) REFERENCES public.moderation_decision(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.asset_blur
    ADD CONSTRAINT asset_blur_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.asset(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.award
    ADD CONSTRAINT award_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.caption
    ADD CONSTRAINT caption_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.asset(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.case_hand
    ADD CONSTRAINT case_hand_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.moderation_case(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.class_code
    ADD CONSTRAINT class_code_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.school_class(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.contender
    ADD CONSTRAINT contender_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.email_verification
    ADD CONSTRAINT email_verification_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.entry_choice
    ADD CONSTRAINT entry_choice_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_contender_id_fkey FOREIGN KEY (contender_id) REFERENCES public.contender(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.frozen_count
    ADD CONSTRAINT frozen_count_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.guardian_key
    ADD CONSTRAINT guardian_key_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.hand
    ADD CONSTRAINT hand_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.jury_duty
    ADD CONSTRAINT jury_duty_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.entry(id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.jury_duty
    ADD CONSTRAINT jury_duty_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.known_address
    ADD CONSTRAINT known_address_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.moderation_decision
    ADD CONSTRAINT moderation_decision_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.moderation_case(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.old_rendition
    ADD CONSTRAINT old_rendition_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.asset(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.picture_fingerprint
    ADD CONSTRAINT picture_fingerprint_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.asset(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.public_copy
    ADD CONSTRAINT public_copy_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.asset(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.reflection
    ADD CONSTRAINT reflection_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.removed_look
    ADD CONSTRAINT removed_look_picture_id_fkey FOREIGN KEY (picture_id) REFERENCES public.removed_picture(id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.rendition
    ADD CONSTRAINT rendition_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.asset(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.revision_asset
    ADD CONSTRAINT revision_asset_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES public.revision(id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES public.statement(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.revision_translation
    ADD CONSTRAINT revision_translation_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES public.revision(id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.school
    ADD CONSTRAINT school_city_id_fkey FOREIGN KEY (city_id) REFERENCES public.city(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.school_class
    ADD CONSTRAINT school_class_school_id_fkey FOREIGN KEY (school_id) REFERENCES public.school(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.seat
    ADD CONSTRAINT seat_class_id_fkey FOREIGN KEY (class_id) REFERENCES public.school_class(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.share_card
    ADD CONSTRAINT share_card_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES public.statement(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.shared_file
    ADD CONSTRAINT shared_file_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.share_card(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.shared_file
    ADD CONSTRAINT shared_file_export_id_fkey FOREIGN KEY (export_id) REFERENCES public.social_export(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.social_export
    ADD CONSTRAINT social_export_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaign(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.social_export
    ADD CONSTRAINT social_export_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES public.statement(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.standing
    ADD CONSTRAINT standing_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.round(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.statement
    ADD CONSTRAINT statement_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaign(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.statement_of_reasons
    ADD CONSTRAINT statement_of_reasons_decision_id_fkey FOREIGN KEY (decision_id) REFERENCES public.moderation_decision(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.statement
    ADD CONSTRAINT statement_topic_id_fkey FOREIGN KEY (topic_id) REFERENCES public.topic(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.support
    ADD CONSTRAINT support_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES public.statement(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.takedown
    ADD CONSTRAINT takedown_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaign(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.takedown
    ADD CONSTRAINT takedown_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES public.statement(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.topic
    ADD CONSTRAINT topic_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaign(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.topic_support
    ADD CONSTRAINT topic_support_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.topic_proposal(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.totp_recovery
    ADD CONSTRAINT totp_recovery_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.asset(id) ON UPDATE CASCADE ON DELETE RESTRICT;

ALTER TABLE ONLY public.upload_part
    ADD CONSTRAINT upload_part_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES public.upload(id) ON UPDATE CASCADE ON DELETE CASCADE;
