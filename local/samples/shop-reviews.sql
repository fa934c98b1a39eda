-- Adds as many made-up reviews to the shop's table as the variable "count" says, one a minute, each text "times" as long as usual;
-- prints how many there are then.
INSERT INTO shop.reviews
SELECT
    number,
    'sku-' || number % 40,
    'shop-' || number % 90,
    1 + number * 7 % 5,
    CASE WHEN number % 3 = 0 THEN 'As ordered' END,
    repeat((ARRAY['Works as described.', 'Stopped working after a week.', '¡Excelente!', 'まあまあです。'])[1 + number % 4], :times),
    (ARRAY['en', 'en', 'es', 'ja'])[1 + number % 4],
    number % 5 > 0,
    timestamptz '2026-01-01 00:00+00' + number * interval '1 minute',
    timestamptz '2026-01-01 00:00+00' + number * interval '1 minute'
FROM (SELECT count(*) AS there FROM shop.reviews) AS before
CROSS JOIN LATERAL generate_series(there + 1, there + :count) AS number;
SELECT count(*) FROM shop.reviews;
