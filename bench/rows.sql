-- @statements@ statements in three cities, filled in one go. Deterministic but for the ids.
set local synchronous_commit = off;
set local maintenance_work_mem = '256MB';

insert into city (id, name, country, zone, created_at)
select uuidv7(), name, 'NO', 'Europe/Oslo', now() from (values ('Bergen'), ('Tromsø'), ('Oslo')) as c (name);
insert into school (id, city_id, name, created_at)
select uuidv7(), c.id, c.name || ' skole ' || n, now() from city c, generate_series(1, 10) n;
insert into school_class (id, school_id, name, school_year, locale, declared_enrolment, capacity, created_at)
select uuidv7(), s.id, (8 + n % 3) || chr(64 + n), '2026/27', 'nb', 30, 40, now() from school s, generate_series(1, 5) n;

create temporary table room on commit drop as
select row_number() over () - 1 as n, k.id as class_id, s.id as school_id, s.city_id
  from school_class k join school s on s.id = k.school_id;
create temporary table person on commit drop as
select n, uuidv7() as id, n % 150 as room from generate_series(0, 2999) n;
insert into account (id, handle, pseudonym, pseudonym_skeleton, birth_year, country, locale, review_languages,
                     passphrase_hash, door, status, created_at, erasure_keeps_statements)
select id, 'bench' || n, 'Stemme ' || n, 'stemme' || n, 2011, 'NO', 'nb', '{}', '@passphrase_hash@', 'CLASS_CODE',
       'ACTIVE', now(), false
  from person;
insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)
select uuidv7(), r.class_id, p.id, 'CONFIRMED', now(), now() from person p join room r on r.n = p.room;
insert into session (id, account_id, token_hash, kind, created_at, last_seen_at, idle_seconds, idle_until, ends_at)
select uuidv7(), id, sha256(convert_to('bench-session-' || n, 'UTF8')), 'PERSONAL', now(), now(), 86400,
       now() + interval '1 day', now() + interval '30 days'
  from person;

insert into campaign (id, city_id, title, description, prompt, status, zone, course, course_version, created_at, opens_at)
select uuidv7(), null, jsonb_build_object('nb', 'Kampanje ' || n, 'en', 'Campaign ' || n), '{"en": "For all"}',
       '{"en": "What would you change?"}', 'OPEN', 'Europe/Oslo', 'my_voice_out', 1, now(), now()
  from generate_series(1, 3) n;
create temporary table matter on commit drop as
select row_number() over () - 1 as n, uuidv7() as id, c.id as campaign_id, p as position
  from campaign c, generate_series(1, 5) p;
insert into topic (id, campaign_id, name, position)
select id, campaign_id, jsonb_build_object('nb', 'Emne ' || position, 'en', 'Topic ' || position), position from matter;

-- The sentences are in `sentence`; the statement's own number makes a word that two hundred statements share.
alter table sentence add search tsvector;
update sentence set search = to_tsvector('simple', unaccent(words)) || to_tsvector('norwegian', unaccent(words));
create temporary table made on commit drop as
select i.n, uuidv7(i.n * interval '-1 minute') as id, uuidv7(i.n * interval '-1 minute') as revision_id,
       now() - i.n * interval '1 minute' as at,
       (array['nb','nb','nb','nb','nb','en','en','sv','da','fi'])[1 + i.n % 10] as language,
       case when i.n % 10 < 6 then 'SOCIAL' when i.n % 10 < 8 then 'CITY' when i.n % 10 = 8 then 'SCHOOL' else 'CLASS' end
         as audience,
       concat_ws(' ', a.words, b.words, 'sak' || i.n % 1000) as words,
       a.search || b.search || to_tsvector('simple', 'sak' || i.n % 1000) as search
  from generate_series(0, @statements@ - 1) i (n)
  join sentence a on a.n = i.n % 4999 join sentence b on b.n = (i.n / 31) % 4987;
analyze room;
analyze person;
analyze matter;
analyze made;
insert into statement (id, campaign_id, topic_id, author_id, shown_as, class_id, school_id, city_id, audience,
                       skips_teacher, visibility, latest_revision_id, published_revision_id, published_language,
                       search_text, created_at, changed_at, published_at, search)
select m.id, t.campaign_id, t.id, p.id, case when m.n % 3 = 0 then 'A_STUDENT' else 'PSEUDONYM' end, r.class_id,
       r.school_id, r.city_id, m.audience, false, case when m.n % 20 = 19 then 'WITHDRAWN' else 'PUBLISHED' end,
       m.revision_id, m.revision_id, m.language, lower(unaccent(m.words)), m.at, m.at, m.at,
       m.search
  from made m join person p on p.n = (m.n * 37) % 3000 join room r on r.n = p.room join matter t on t.n = m.n % 15;
insert into revision (id, statement_id, number, version, text, language, direction, audience, review, created_at,
                      changed_at, submitted_at)
select revision_id, id, 1, 2, words, language, 'ltr', audience, 'APPROVED', at, at, at from made;
insert into revision_translation (id, revision_id, language, direction, text, maker)
select uuidv7(), revision_id, 'uk', 'ltr', words, 'AUTHOR' from made where n % 10 = 0;
insert into support (id, statement_id, account_id, at)
select uuidv7(), m.id, p.id, now() from made m join person p on p.n = (m.n * 11) % 3000 where m.n % 2 = 0;

-- Pictures: at three of five of the newest statements, at one of twenty of the rest; eight files each.
create temporary table shown on commit drop as
select m.*, uuidv7() as asset_id from made m where (n < 2000 and n % 5 < 3) or n % 20 = 0;
insert into asset (id, owner_id, medium, status, attempts, key, is_public, is_fixed, alt_text, people, kind, width, height,
                   placeholder, created_at, changed_at, decided_at)
select asset_id, null, 'IMAGE', 'RELEASED', 1, md5(asset_id::text), audience = 'SOCIAL', true, 'En skolegård om morgenen',
       'NONE', 'image/jpeg', 1920, 1440, '1QcSHQRnh493V4dIh4eXh1h4kJUI', at, at, at
  from shown;
insert into revision_asset (id, revision_id, asset_id, position) select uuidv7(), revision_id, asset_id, 0 from shown;
insert into rendition (id, asset_id, format, width, height, size, sha256)
select uuidv7(), asset_id, f, w, w * 3 / 4, w * 100, encode(sha256(convert_to(asset_id::text || f || w, 'UTF8')), 'hex')
  from shown, unnest(array['webp', 'jpeg']) f, unnest(array[1920, 1280, 460, 64]) w;
