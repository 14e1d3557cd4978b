-- risk-exposure/insured-risks as analyst-auto
SELECT SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "as_of_date", "insured_count"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- risk-exposure/insured-risks trend as analyst-auto
SELECT CAST(date_trunc('month', "as_of_date") AS date) AS c0, SUM(CAST("insured_count" AS decimal(38,0))) AS c1
FROM (SELECT "as_of_date", "insured_count"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- risk-exposure/loss-ratio as analyst-auto
SELECT CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS double), 0E0) AS c1
FROM (SELECT "as_of_date", "claims_incurred", "earned_premium"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- risk-exposure/loss-ratio trend as analyst-auto
SELECT CAST(date_trunc('month', "as_of_date") AS date) AS c0, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) AS double), 0E0) AS c1
FROM (SELECT "as_of_date", "claims_incurred", "earned_premium"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- risk-exposure/reserve-ratio as analyst-auto
SELECT CAST(SUM(CAST("reserve" AS decimal(38,2))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS double) / NULLIF(CAST(SUM(CAST("exposure" AS decimal(38,2))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS double), 0E0) AS c0, CAST(SUM(CAST("reserve" AS decimal(38,2))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS double) / NULLIF(CAST(SUM(CAST("exposure" AS decimal(38,2))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS double), 0E0) AS c1
FROM (SELECT "as_of_date", "exposure", "reserve"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- risk-exposure/reserve-ratio trend as analyst-auto
SELECT CAST(date_trunc('month', "as_of_date") AS date) AS c0, CAST(SUM(CAST("reserve" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("exposure" AS decimal(38,2))) AS double), 0E0) AS c1
FROM (SELECT "as_of_date", "exposure", "reserve"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 5001;

-- risk-exposure/exposure-by-month as analyst-auto
SELECT CAST(date_trunc('month', "as_of_date") AS date) AS c0, "hazard" AS c1, SUM(CAST("exposure" AS decimal(38,2))) AS c2
FROM (SELECT "as_of_date", "exposure", "hazard"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01'))
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 5001;

-- risk-exposure/exposure-by-band as analyst-auto
SELECT "risk_band" AS c0, SUM(CAST("exposure" AS decimal(38,2))) AS c1
FROM (SELECT "as_of_date", "exposure", "risk_band"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 5001;

-- risk-exposure/exposure-by-region as analyst-auto
SELECT "region" AS c0, SUM(CAST("exposure" AS decimal(38,2))) AS c1
FROM (SELECT "as_of_date", "exposure", "region"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 5001;

-- risk-exposure/hazards as analyst-auto
SELECT "hazard" AS c0, "risk_band" AS c1, SUM(CAST("exposure" AS decimal(38,2))) AS c2, SUM(CAST("reserve" AS decimal(38,2))) AS c3, CAST(SUM(CAST("reserve" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("exposure" AS decimal(38,2))) AS double), 0E0) AS c4, CAST(SUM(CAST("claims_incurred" AS decimal(38,2))) AS double) / NULLIF(CAST(SUM(CAST("earned_premium" AS decimal(38,2))) AS double), 0E0) AS c5
FROM (SELECT "as_of_date", "claims_incurred", "earned_premium", "exposure", "hazard", "reserve", "risk_band"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01'))
GROUP BY 1, 2
ORDER BY 3 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 5001;

-- risk-exposure/values of hazard as analyst-auto
SELECT "hazard" AS c0, COUNT(*) AS c1
FROM (SELECT "as_of_date", "hazard"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 200;

-- rows of gold.risk_exposure as analyst-auto
SELECT "as_of_date" AS c0, "business_unit" AS c1, "region" AS c2, "product" AS c3, "risk_band" AS c4, COUNT(*) AS c5
FROM (SELECT "as_of_date", "business_unit", "product", "region", "risk_band"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST, 5 ASC NULLS LAST
LIMIT 200;

-- risk-exposure/insured-risks as analyst-auto, region=abitibi
SELECT SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "as_of_date", "insured_count", "region"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("region" = 'abitibi') AND (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- risk-exposure/insured-risks as analyst-auto, region fixed to ["abitibi", "l'Île \"d\\'x\"; -- /* ? ${} %_"]
SELECT SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "as_of_date", "insured_count", "region"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("region" IN ('abitibi', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- risk-exposure/insured-risks as analyst-auto, region fixed to []
SELECT SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "as_of_date", "insured_count"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE (FALSE) AND (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- risk-exposure/insured-risks as analyst-auto, hazard=fire
SELECT SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "as_of_date", "hazard", "insured_count"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("hazard" = 'fire') AND (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- risk-exposure/insured-risks as analyst-auto, hazard fixed to ["fire", "l'Île \"d\\'x\"; -- /* ? ${} %_"]
SELECT SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2025-11-01')) AS c0, SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2025-10-31') AND ("as_of_date" >= DATE '2024-11-01')) AS c1
FROM (SELECT "as_of_date", "hazard", "insured_count"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("hazard" IN ('fire', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("as_of_date" <= DATE '2026-10-31') AND ("as_of_date" >= DATE '2024-11-01'))
LIMIT 5001;

-- risk-exposure/insured-risks as analyst-auto, region=abitibi, region=l'Île "d\'x"; -- /* ? ${} %_, hazard=l'Île "d\'x"; -- /* ? ${} %_, from=2026-02-01, to=2026-02-28
SELECT SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2026-02-28') AND ("as_of_date" >= DATE '2026-02-01')) AS c0, SUM(CAST("insured_count" AS decimal(38,0))) FILTER (WHERE ("as_of_date" <= DATE '2025-02-28') AND ("as_of_date" >= DATE '2025-02-01')) AS c1
FROM (SELECT "as_of_date", "hazard", "insured_count", "region"
FROM "gold"."risk_exposure" FOR VERSION AS OF 5828592803881840765
WHERE ("business_unit" = 'auto') AND ("legal_hold" = FALSE)) AS t
WHERE ("hazard" = 'l''Île "d\''x"; -- /* ? ${} %_') AND ("region" IN ('abitibi', 'l''Île "d\''x"; -- /* ? ${} %_')) AND (("as_of_date" <= DATE '2026-02-28') AND ("as_of_date" >= DATE '2025-02-01'))
LIMIT 5001;

