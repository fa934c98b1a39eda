-- Adds as many made-up reviews to the shop's table as the variable @count says, one a minute; prints how many there are then.
SET max_recursive_iterations = 1000000;
INSERT INTO reviews
WITH RECURSIVE numbers AS (
    SELECT count(*) + 1 AS number, count(*) + @count AS last FROM reviews
    UNION ALL
    SELECT number + 1, last FROM numbers WHERE number < last
)
SELECT
    number,
    concat('sku-', number % 40),
    concat('shop-', number % 90),
    1 + number * 7 % 5,
    if(number % 3 = 0, 'As ordered', NULL),
    elt(1 + number % 4, 'Works as described.', 'Stopped working after a week.', '¡Excelente!', 'まあまあです。'),
    elt(1 + number % 4, 'en', 'en', 'es', 'ja'),
    number % 5 > 0,
    timestamp'2026-01-01 00:00:00' + INTERVAL number MINUTE,
    timestamp'2026-01-01 00:00:00' + INTERVAL number MINUTE
FROM numbers
WHERE number <= last;
SELECT count(*) FROM reviews;
