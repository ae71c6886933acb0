/* Calls the entry points, so that the linker keeps them and nothing else. */
unsigned long request(const void *, unsigned long, unsigned long);
unsigned long order(const void *, unsigned long, unsigned long);
unsigned long response(const void *, unsigned long);
unsigned long token(const void *, unsigned long, unsigned long);
unsigned long conduct(const void *, unsigned long, unsigned long);
unsigned long source(const void *, unsigned long, unsigned long);
unsigned long revocation(const void *, unsigned long, unsigned long);
unsigned long connect_login(const void *, unsigned long, unsigned long);
unsigned long flash(const void *, unsigned long, unsigned long);
unsigned long rotation(const void *, unsigned long);
unsigned long es256(const void *, unsigned long);
unsigned long managers(const void *, unsigned long, unsigned long);
unsigned long head(const void *, unsigned long);
unsigned long listing(const void *, unsigned long, unsigned long);
unsigned long replies(const void *, unsigned long, unsigned long);
int main(int count, char **arguments) {
  unsigned long sum = request(arguments, count, count) + response(arguments, count);
  sum += token(arguments, count, count) + replies(arguments, count, count) + order(arguments, count, count);
  sum += source(arguments, count, count) + conduct(arguments, count, count);
  sum += revocation(arguments, count, count) + connect_login(arguments, count, count);
  sum += listing(arguments, count, count);
  sum += flash(arguments, count, count) + rotation(arguments, count);
#ifdef HEAD
  sum += head(arguments, count);
#endif
#ifdef ES256
  sum += es256(arguments, count);
#endif
#ifdef MANAGERS
  sum += managers(arguments, count, count);
#endif
#ifdef STUB
  extern void a_panic_is_reachable(void);
#endif
  return (int)sum;
}
#ifdef STUB
void a_panic_is_reachable(void) { for (;;) {} }
#endif
