-- finance-overview/written-premium as analyst-auto
SELECT SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/written-premium trend as analyst-auto
SELECT CAST(date_trunc('month', "statement_date") AS date) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) AS c1
FROM (SELECT "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- finance-overview/claims-incurred as analyst-auto
SELECT SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "claims_incurred", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/claims-incurred trend as analyst-auto
SELECT CAST(date_trunc('month', "statement_date") AS date) AS c0, SUM(CAST("claims_incurred" AS decimal(38,2))) AS c1
FROM (SELECT "claims_incurred", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- finance-overview/loss-ratio as analyst-auto
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS double), 0E0) AS c1
FROM (SELECT "claims_incurred", "earned_premium", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/loss-ratio trend as analyst-auto
SELECT CAST(date_trunc('month', "statement_date") AS date) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) AS double), 0E0) AS c1
FROM (SELECT "claims_incurred", "earned_premium", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- finance-overview/policies-in-force as analyst-auto
SELECT SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("policies_in_force" AS decimal(38,0))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "policies_in_force", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/policies-in-force trend as analyst-auto
SELECT CAST(date_trunc('month', "statement_date") AS date) AS c0, SUM(CAST("policies_in_force" AS decimal(38,0))) AS c1
FROM (SELECT "policies_in_force", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- finance-overview/premium-and-claims-by-month as analyst-auto
SELECT CAST(date_trunc('month', "statement_date") AS date) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) AS c1, SUM(CAST("claims_incurred" AS decimal(38,2))) AS c2
FROM (SELECT "claims_incurred", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- finance-overview/premium-by-channel as analyst-auto
SELECT "channel" AS c0, SUM(CAST("written_premium" AS decimal(38,2))) AS c1
FROM (SELECT "channel", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 5001;

-- finance-overview/premium-by-region as analyst-auto
SELECT "region" AS c0, SUM(CAST("written_premium" AS decimal(38,2))) AS c1
FROM (SELECT "region", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 5001;

-- finance-overview/premium-by-product as analyst-auto
SELECT CAST(date_trunc('month', "statement_date") AS date) AS c0, "product" AS c1, SUM(CAST("written_premium" AS decimal(38,2))) AS c2
FROM (SELECT "product", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 5001;

-- finance-overview/top-customers as analyst-auto
SELECT "customer_id" AS c0, "region" AS c1, SUM(CAST("written_premium" AS decimal(38,2))) AS c2, SUM(CAST("claims_incurred" AS decimal(38,2))) AS c3, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) AS double), 0E0) AS c4
FROM (SELECT "claims_incurred", lower(substr(to_hex(hmac_sha256(to_utf8("customer_id"), from_hex(?))), 1, 16)) AS "customer_id", "earned_premium", "region", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1, 2
ORDER BY 3 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 20;

-- finance-overview/values of product as analyst-auto
SELECT "product" AS c0, COUNT(*) AS c1
FROM (SELECT "product", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- rows of gold.statements as analyst-auto
SELECT "statement_date" AS c0, "customer_id" AS c1, COUNT(*) AS c2
FROM (SELECT lower(substr(to_hex(hmac_sha256(to_utf8("customer_id"), from_hex(?))), 1, 16)) AS "customer_id", "statement_date"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 200;

-- finance-overview/written-premium as analyst-auto, region=abitibi
SELECT SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "region", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("region" = 'abitibi') AND (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/written-premium as analyst-auto, region fixed to ["abitibi", "l'Île \"d\\'x\"; -- /* ? ${} %_"]
SELECT SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "region", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("region" IN ('abitibi', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/written-premium as analyst-auto, region fixed to []
SELECT SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (FALSE) AND (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/written-premium as analyst-auto, product=elite
SELECT SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "product", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("product" = 'elite') AND (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/written-premium as analyst-auto, product fixed to ["elite", "l'Île \"d\\'x\"; -- /* ? ${} %_"]
SELECT SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-10-31') AND ("statement_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "product", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("product" IN ('elite', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- finance-overview/written-premium as analyst-auto, region=abitibi, region=l'Île "d\'x"; -- /* ? ${} %_, product=l'Île "d\'x"; -- /* ? ${} %_, from=2026-02-01, to=2026-02-28
SELECT SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2026-02-28') AND ("statement_date" >= DATE '2026-02-01')) AS c0, SUM(CAST("written_premium" AS decimal(38,2))) FILTER (WHERE ("statement_date" <= DATE '2025-02-28') AND ("statement_date" >= DATE '2025-02-01')) AS c1
FROM (SELECT "product", "region", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("product" = 'l''Île "d\''x"; -- /* ? ${} %_') AND ("region" IN ('abitibi', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("statement_date" <= DATE '2026-02-28') AND ("statement_date" >= DATE '2025-02-01'))
LIMIT 5001;

-- finance-overview/top-customers as exec
SELECT "customer_id" AS c0, "region" AS c1, SUM(CAST("written_premium" AS decimal(38,2))) AS c2, SUM(CAST("claims_incurred" AS decimal(38,2))) AS c3, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) AS double), 0E0) AS c4, SUM(CAST("broker_commission" AS decimal(38,2))) AS c5
FROM (SELECT "broker_commission", "claims_incurred", lower(substr(to_hex(hmac_sha256(to_utf8("customer_id"), from_hex(?))), 1, 16)) AS "customer_id", "earned_premium", "region", "statement_date", "written_premium"
FROM "gold"."statements" FOR VERSION AS OF 5828592803881840765
WHERE "legal_hold" = FALSE) AS t
WHERE (("statement_date" <= DATE '2026-10-31') AND ("statement_date" >= DATE '2025-11-01'))
GROUP BY 1, 2
ORDER BY 3 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 20;

