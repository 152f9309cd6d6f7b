/* victim: a second whole shop beside that of sale.h, with something of every kind in it, and planted texts by which a
 * leak of it is known. Variables: v_merchant v_store v_till_id v_till v_cashier_id v_cashier v_manager v_tax v_item
 * v_campaign v_campaign_code v_share v_share_id v_customer (device) v_device_id v_identity v_number v_card v_card_id (bound
 * card) v_bearer_number v_bearer v_batch v_order v_payment (paid, with a note) v_receipt v_open v_open_payment v_pay_code
 * (an open code) v_notice v_shift
 * v_report (an open shift and its X report), and v_key (the key of v_order). */
#ifndef QT_TEST_VICTIM_H
#define QT_TEST_VICTIM_H

#define VICTIM_MARK "Xylograph"          /* in every name and note of the shop, in capitals in SKUs */
#define VICTIM_PHONE "+12025550147"
#define VICTIM_STAFF_PIN "840271593618"  /* of its people */
#define VICTIM_PIN "739105826417"        /* of its customer */

/* After sale_shop and sale_campaign, on the same server. */
void victim_shop(void);
/* Does a text hold something of that shop? The planted text that is found, else NULL. */
const char *victim_leak(const char *text);

#endif
