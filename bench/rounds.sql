-- A round that is being judged: 2,000 classes of 30, everybody has said something in public, 40 jurors. Before the lot.
set local synchronous_commit = off;
set local maintenance_work_mem = '256MB';

insert into city (id, name, country, zone, created_at)
select uuidv7(), 'City ' || n, 'NO', 'Europe/Oslo', now() from generate_series(1, 20) n;
insert into school (id, city_id, name, created_at)
select uuidv7(), c.id, c.name || ' school ' || n, now() from city c, generate_series(1, 10) n;
insert into school_class (id, school_id, name, school_year, locale, declared_enrolment, capacity, created_at)
select uuidv7(), s.id, n || 'A', '2026/27', 'nb', 30, 40, now() from school s, generate_series(1, 10) n;
create temporary table room on commit drop as
select row_number() over () - 1 as n, k.id as class_id, s.id as school_id, s.city_id
  from school_class k join school s on s.id = k.school_id;
create temporary table person on commit drop as
select n, uuidv7() as id, n % 2000 as room from generate_series(0, 60039) n;
analyze room;
analyze person;
insert into account (id, handle, pseudonym, pseudonym_skeleton, birth_year, country, locale, review_languages, door,
                     status, created_at, erasure_keeps_statements)
select id, 'round' || n, 'Stemme ' || n, 'stemme' || n, 2011, 'NO', 'nb', '{}', 'CLASS_CODE', 'ACTIVE', now(), false
  from person;
insert into seat (id, class_id, account_id, status, joined_at, confirmed_at)
select uuidv7(), r.class_id, p.id, 'CONFIRMED', now() - interval '30 days', now() - interval '30 days'
  from person p join room r on r.n = p.room where p.n < 60000;

insert into campaign (id, city_id, title, description, prompt, status, zone, course, course_version, created_at, opens_at)
values (uuidv7(), null, '{"en": "Rounds"}', '{"en": "For all"}', '{"en": "What would you change?"}', 'OPEN',
        'Europe/Oslo', 'my_voice_out', 1, now() - interval '40 days', now() - interval '40 days');
insert into role_grant (id, account_id, role, scope_kind, scope_id, granted_at)
select uuidv7(), p.id, 'CAMPAIGN_JUROR', 'CAMPAIGN', c.id, now() from person p, campaign c where p.n >= 60000;
insert into round (id, campaign_id, origin, prompt, questions, vocabulary, quality_weight, participation_weight,
                   voices_weight, seed, opens_at, freezes_at, closes_at, judging_starts_at, judging_ends_at, created_at)
select uuidv7(), c.id, 'SINGLE', c.prompt, '[]', '[]', 50, 30, 20, sha256('a seed'), now() - interval '10 days',
       now() - interval '7 days', now() - interval '6 days', now() - interval '5 days', now() + interval '1 day',
       now() - interval '20 days'
  from campaign c;

create temporary table said on commit drop as
select p.n, uuidv7() as id, uuidv7() as revision_id, p.id as author_id, r.class_id, r.school_id, r.city_id,
       now() - interval '9 days' + p.n * interval '3 seconds' as at
  from person p join room r on r.n = p.room where p.n < 60000;
insert into statement (id, campaign_id, author_id, shown_as, class_id, school_id, city_id, audience, skips_teacher,
                       visibility, latest_revision_id, published_revision_id, published_language, created_at,
                       changed_at, published_at)
select m.id, c.id, m.author_id, 'A_STUDENT', m.class_id, m.school_id, m.city_id, 'CITY', false, 'PUBLISHED',
       m.revision_id, m.revision_id, 'nb', m.at, m.at, m.at + interval '1 hour'
  from said m, campaign c;
insert into revision (id, statement_id, number, version, text, language, direction, audience, shown_as, review,
                      created_at, changed_at, submitted_at)
select m.revision_id, m.id, 1, 1, 'Vi må få snakke, sier nummer ' || m.n || '.', 'nb', 'ltr', 'CITY', 'A_STUDENT',
       'APPROVED', m.at, m.at, m.at
  from said m;
