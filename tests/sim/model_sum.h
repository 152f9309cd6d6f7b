/* model_sum: adds up what was granted, by the rules as a person knows them: prices, tax, fees, points, rebates, refunds. */
#ifndef QT_SIM_MODEL_SUM_H
#define QT_SIM_MODEL_SUM_H

/* Writes onto the paper what every account must be. */
void model_sum(void);

#endif
