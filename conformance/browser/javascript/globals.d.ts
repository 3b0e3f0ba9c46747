/** The plots of the page, which a script element of its own defines. */
declare const uPlot: any;
