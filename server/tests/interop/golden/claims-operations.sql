-- claims-operations/claims-opened as analyst-auto
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS c1
FROM (SELECT "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/claims-opened trend as analyst-auto
SELECT CAST(date_trunc('month', "week_start") AS date) AS c0, SUM(CAST("opened" AS decimal(38,0))) AS c1
FROM (SELECT "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- claims-operations/claims-opened rows as analyst-auto
SELECT COUNT(*) AS c0
FROM (SELECT "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/handling-time as analyst-auto
SELECT CAST(SUM(CAST("handling_days_total" AS decimal(38,2))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("handling_days_total" AS decimal(38,2))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS double), 0E0) AS c1
FROM (SELECT "closed", "handling_days_total", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/handling-time trend as analyst-auto
SELECT CAST(date_trunc('month', "week_start") AS date) AS c0, CAST(SUM(CAST("handling_days_total" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) AS double), 0E0) AS c1
FROM (SELECT "closed", "handling_days_total", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- claims-operations/in-time-rate as analyst-auto
SELECT CAST(SUM(CAST("closed_within_sla" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("closed_within_sla" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS double), 0E0) AS c1
FROM (SELECT "closed", "closed_within_sla", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/in-time-rate trend as analyst-auto
SELECT CAST(date_trunc('month', "week_start") AS date) AS c0, CAST(SUM(CAST("closed_within_sla" AS decimal(38,0))) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) AS double), 0E0) AS c1
FROM (SELECT "closed", "closed_within_sla", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- claims-operations/reopen-rate as analyst-auto
SELECT CAST(SUM(CAST("reopened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("reopened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS double), 0E0) AS c1
FROM (SELECT "closed", "reopened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/reopen-rate trend as analyst-auto
SELECT CAST(date_trunc('month', "week_start") AS date) AS c0, CAST(SUM(CAST("reopened" AS decimal(38,0))) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) AS double), 0E0) AS c1
FROM (SELECT "closed", "reopened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- claims-operations/opened-and-closed as analyst-auto
SELECT CAST(date_trunc('week', "week_start") AS date) AS c0, SUM(CAST("opened" AS decimal(38,0))) AS c1, SUM(CAST("closed" AS decimal(38,0))) AS c2
FROM (SELECT "closed", "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- claims-operations/opened-by-type as analyst-auto
SELECT "claim_type" AS c0, SUM(CAST("opened" AS decimal(38,0))) AS c1
FROM (SELECT "claim_type", "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 5001;

-- claims-operations/closed-by-team as analyst-auto
SELECT CAST(date_trunc('month', "week_start") AS date) AS c0, "handler_team" AS c1, SUM(CAST("closed" AS decimal(38,0))) AS c2
FROM (SELECT "closed", "handler_team", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 5001;

-- claims-operations/paid-by-region as analyst-auto
SELECT "region" AS c0, SUM(CAST("paid" AS decimal(38,2))) AS c1
FROM (SELECT "paid", "region", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 5001;

-- claims-operations/teams as analyst-auto
SELECT "handler_team" AS c0, SUM(CAST("closed" AS decimal(38,0))) AS c1, CAST(SUM(CAST("handling_days_total" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) AS double), 0E0) AS c2, CAST(SUM(CAST("closed_within_sla" AS decimal(38,0))) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) AS double), 0E0) AS c3, CAST(SUM(CAST("reopened" AS decimal(38,0))) AS double) / NULLIF(CAST(SUM(CAST("closed" AS decimal(38,0))) AS double), 0E0) AS c4, SUM(CAST("paid" AS decimal(38,2))) AS c5
FROM (SELECT "closed", "closed_within_sla", "handler_team", "handling_days_total", "paid", "reopened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 8;

-- claims-operations/values of region as analyst-auto
SELECT "region" AS c0, COUNT(*) AS c1
FROM (SELECT "region", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- claims-operations/values of claim_type as analyst-auto
SELECT "claim_type" AS c0, COUNT(*) AS c1
FROM (SELECT "claim_type", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- rows of gold.claims_operations as analyst-auto
SELECT "week_start" AS c0, "business_unit" AS c1, "region" AS c2, "claim_type" AS c3, "handler_team" AS c4, COUNT(*) AS c5
FROM (SELECT "business_unit", "claim_type", "handler_team", "region", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST, 5 ASC NULLS LAST
LIMIT 200;

-- claims-operations/claims-opened as analyst-auto, region=abitibi
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS c1
FROM (SELECT "opened", "region", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("region" = 'abitibi') AND (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/claims-opened as analyst-auto, region fixed to ["abitibi", "l'Île \"d\\'x\"; -- /* ? ${} %_"]
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS c1
FROM (SELECT "opened", "region", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("region" IN ('abitibi', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/claims-opened as analyst-auto, region fixed to []
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS c1
FROM (SELECT "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (FALSE) AND (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/claims-opened as analyst-auto, claim_type=collision
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS c1
FROM (SELECT "claim_type", "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("claim_type" = 'collision') AND (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/claims-opened as analyst-auto, claim_type fixed to ["collision", "l'Île \"d\\'x\"; -- /* ? ${} %_"]
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS c1
FROM (SELECT "claim_type", "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("claim_type" IN ('collision', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/claims-opened as analyst-auto, region=abitibi, region=l'Île "d\'x"; -- /* ? ${} %_, claim_type=l'Île "d\'x"; -- /* ? ${} %_, from=2026-02-01, to=2026-02-28
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-02-28') AND ("week_start" >= DATE '2026-02-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-02-28') AND ("week_start" >= DATE '2025-02-01')) AS c1
FROM (SELECT "claim_type", "opened", "region", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("claim_type" = 'l''Île "d\''x"; -- /* ? ${} %_') AND ("region" IN ('abitibi', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("week_start" <= DATE '2026-02-28') AND ("week_start" >= DATE '2025-02-01'))
LIMIT 5001;

-- claims-operations/claims-opened as exec
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS c1
FROM (SELECT "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE "legal_hold" = FALSE) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

-- claims-operations/claims-opened as broker
SELECT SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2025-11-01')) AS c0, SUM(CAST("opened" AS decimal(38,0))) FILTER (WHERE ("week_start" <= DATE '2025-10-31') AND ("week_start" >= DATE '2024-11-01')) AS c1
FROM (SELECT "opened", "week_start"
FROM "gold"."claims_operations" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" IN ('auto', 'home')) AND ("legal_hold" = FALSE)) AS t
WHERE (("week_start" <= DATE '2026-10-31') AND ("week_start" >= DATE '2024-11-01'))
LIMIT 5001;

