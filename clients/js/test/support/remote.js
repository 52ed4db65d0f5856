/** An agent in a browser's page, which is at the first of the URLs. */
export async function remoteAgent(browser, urls, options, page) {
  page ??= await browser.open(`${urls[0]}/files/test/support/page.html`);
  const agent = await page.run(`openAgent(${JSON.stringify(urls)}, ${JSON.stringify(options)})`);
  return {
    page,
    async call(method, ...parameters) {
      // JSON has no undefined, but scripts have.
      const told = parameters.map((each) => (each === undefined ? 'undefined' : JSON.stringify(each))).join();
      const answer = await page.run(`call(${agent}, ${JSON.stringify(method)}, [${told}])`);
      if (method === 'end') {
        await page.close();
      }
      return answer;
    },
  };
}
