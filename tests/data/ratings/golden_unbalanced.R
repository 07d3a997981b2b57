# The default mixed model on unbalanced data: Satterthwaite, Kenward-Roger, marginal means.
# Usage: Rscript golden_unbalanced.R <out.json> <dataset.csv> [<dataset.csv> ...]
suppressPackageStartupMessages({library(lmerTest);library(pbkrtest);library(emmeans);library(jsonlite)})
options(contrasts=c("contr.sum","contr.poly")); emm_options(lmerTest.limit=1e5,pbkrtest.limit=1e5)
ctl<-lmerControl(optimizer="bobyqa",optCtrl=list(rhoend=1e-10,maxfun=2e5),calc.derivs=FALSE,check.conv.singular="ignore")
args<-commandArgs(TRUE); R<-list()
df2l<-function(x){x<-as.data.frame(x); x<-cbind(row=rownames(x),x); rownames(x)<-NULL; x}
random<-"(1|participant)+(1|song)+(1|participant:system)+(1|song:system)+(1|participant:song)"
for(f in args[-1]){d<-read.csv(f); for(v in c("participant","group","song","system")) d[[v]]<-factor(d[[v]])
 fixed<-if(nlevels(d$group)>1) "group*system" else "system"
 m<-suppressMessages(lmer(as.formula(paste("rating~",fixed,"+",random)),d,control=ctl))
 R[[sub("\\.csv$","",basename(f))]]<-list(REMLcrit=REMLcrit(m),varcorr=df2l(as.data.frame(VarCorr(m))),
  anova3_satt=df2l(anova(m)),anova3_kr=df2l(anova(m,ddf="Kenward-Roger")),
  emm_satt=df2l(summary(emmeans(m,~system,lmer.df="satterthwaite"))),emm_kr=df2l(summary(emmeans(m,~system,lmer.df="kenward-roger"))))}
write_json(R,args[1],digits=NA,auto_unbox=TRUE,na="null")
